package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import weir.config.Location;
import weir.config.RouteConfig.HeaderEdits;
import weir.http.FieldSyntax;
import weir.http.Fields;

/**
 * What a route removes from, sets in and adds to the fields of a message, in this order. Fields that frame the message
 * or belong to one connection (RFC 9110 section 7.6.1) cannot be edited. Immutable.
 */
public final class FieldEdits {
    private static final Set<String> RESERVED = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "upgrade",
            "http2-settings",
            "expect");

    /** Shared by all routes that edit nothing, so that many routes take less memory, and less of the caches. */
    private static final FieldEdits NONE = new FieldEdits(new byte[0][], new byte[0][], new byte[0][]);

    private final byte[][] removed;
    private final byte[][] set;
    private final byte[][] added;

    private FieldEdits(byte[][] removed, byte[][] set, byte[][] added) {
        this.removed = removed;
        this.set = set;
        this.added = added;
    }

    /** The edits of a route; an {@link IllegalArgumentException} says what is wrong with them. */
    static FieldEdits of(HeaderEdits edits, Location location) {
        if (edits.remove().isEmpty() && edits.set().isEmpty() && edits.add().isEmpty()) {
            return NONE;
        }
        return new FieldEdits(
                edits.remove().stream().map(name -> name(name, location)).toArray(byte[][]::new),
                pairs(edits.set(), location),
                pairs(edits.add(), location));
    }

    /** Edits that only set fields. */
    static FieldEdits setting(Map<String, String> fields, Location location) {
        return new FieldEdits(new byte[0][], pairs(fields, location), new byte[0][]);
    }

    private static byte[][] pairs(Map<String, String> fields, Location location) {
        List<byte[]> pairs = new ArrayList<>();
        fields.forEach((name, value) -> {
            pairs.add(name(name, location));
            pairs.add(value(name, value, location));
        });
        return pairs.toArray(byte[][]::new);
    }

    private static byte[] name(String name, Location location) {
        byte[] bytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        if (!FieldSyntax.isToken(bytes, 0, bytes.length)) {
            throw new IllegalArgumentException(location + ": " + name + " (expected: a header name)");
        }
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(location + ": " + name + " (expected: a header that Weir does not own)");
        }
        return bytes;
    }

    private static byte[] value(String name, String value, Location location) {
        byte[] bytes = value.strip().getBytes(StandardCharsets.UTF_8);
        if (!FieldSyntax.isValue(bytes, 0, bytes.length)) {
            throw new IllegalArgumentException(
                    location + ": value of " + name + " (expected: text without control characters)");
        }
        return bytes;
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return removed.length + set.length + added.length == 0;
    }

    /** Edits what is forwarded. {@code set} also replaces fields that were added before. */
    public void apply(Fields fields) {
        for (byte[] name : removed) {
            fields.drop(name);
        }
        for (int i = 0; i < set.length; i += 2) {
            fields.drop(set[i]);
        }
        append(set, fields);
        append(added, fields);
    }

    /** Takes out of trailers what {@link #apply} would take out of the head: nothing gets round it behind the body. */
    public void removeFrom(Fields trailers) {
        for (byte[] name : removed) {
            trailers.drop(name);
        }
        for (int i = 0; i < set.length; i += 2) {
            trailers.drop(set[i]);
        }
    }

    private static void append(byte[][] pairs, Fields fields) {
        for (int i = 0; i < pairs.length; i += 2) {
            fields.add(pairs[i]).value(pairs[i + 1]);
        }
    }
}
