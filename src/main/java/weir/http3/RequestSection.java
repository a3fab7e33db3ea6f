package weir.http3;

import io.netty.handler.codec.http3.Http3Headers;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.Authority;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * Makes a {@link RequestHead} of a decoded field section (RFC 9114 section 4.3.1), strictly: each pseudo-header once and
 * before all fields, the host and the target by the rules of HTTP/1.1, {@code :authority} and Host the same. Cookies
 * that came in crumbs become one field (section 4.2.1). Confined to one event loop.
 */
final class RequestSection {
    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTINUE = "100-continue".getBytes(StandardCharsets.US_ASCII);
    private static final String COOKIE = "cookie";

    private final Http3Limits limits;
    private final ReceivedFields received;
    private final Authority authority = new Authority();
    private final Span scheme = new Span();
    private final Span named = new Span();
    private boolean regular;
    private int pseudoBytes;

    RequestSection(Http3Limits limits) {
        this.limits = limits;
        this.received = new ReceivedFields(limits);
    }

    /** Fills a cleared head, as far as it is good; returns why it is refused, or null. */
    @Nullable
    MessageError read(Http3Headers section, RequestHead head) {
        received.begin();
        scheme.clear();
        named.clear();
        regular = false;
        pseudoBytes = 0;
        boolean cookie = false;
        head.protocol(Protocol.HTTP_3);
        MessageError error = null;
        for (Map.Entry<CharSequence, CharSequence> field : section) {
            CharSequence name = field.getKey();
            CharSequence value = field.getValue();
            if (COOKIE.contentEquals(name)) {
                if (cookie) {
                    continue;
                }
                cookie = true;
                value = joined(section);
            }
            error = add(head, name, value);
            if (error != null) {
                break;
            }
        }
        if (error == null) {
            error = finish(head);
        }
        head.receivedBytes(pseudoBytes + received.bytes());
        return error;
    }

    private @Nullable MessageError add(RequestHead head, CharSequence name, CharSequence value) {
        if (name.length() > 0 && name.charAt(0) == ':') {
            return regular ? MessageError.REQUEST_LINE : pseudo(head, name, value);
        }
        regular = true;
        return received.add(head.fields(), name, value);
    }

    private @Nullable MessageError pseudo(RequestHead head, CharSequence name, CharSequence value) {
        pseudoBytes += name.length() + value.length();
        if (limits.target() > 0 && pseudoBytes > limits.target()) {
            return MessageError.TARGET_TOO_LONG;
        }
        int start = received.append(head.fields(), value);
        int length = value.length();
        if (length == 0) {
            return MessageError.REQUEST_LINE;
        }
        return switch (name.toString()) {
            case ":method" -> method(head, start, length);
            case ":path" -> set(head.target(), start, length);
            case ":scheme" -> set(scheme, start, length);
            case ":authority" -> set(named, start, length);
            default -> MessageError.REQUEST_LINE;
        };
    }

    private static @Nullable MessageError method(RequestHead head, int start, int length) {
        if (!head.methodName().isEmpty()) {
            return MessageError.REQUEST_LINE;
        }
        if (!FieldSyntax.isToken(head.fields().array(), start, start + length)) {
            return MessageError.METHOD;
        }
        head.method(start, length);
        return null;
    }

    private static @Nullable MessageError set(Span part, int start, int length) {
        if (!part.isEmpty()) {
            return MessageError.REQUEST_LINE;
        }
        part.set(start, length);
        return null;
    }

    /** All cookies as one value. */
    private static CharSequence joined(Http3Headers section) {
        Iterator<CharSequence> crumbs = section.valueIterator(COOKIE);
        CharSequence first = crumbs.next();
        if (!crumbs.hasNext()) {
            return first;
        }
        StringBuilder all = new StringBuilder(first);
        while (crumbs.hasNext()) {
            all.append("; ").append(crumbs.next());
        }
        return all;
    }

    private @Nullable MessageError finish(RequestHead head) {
        Fields fields = head.fields();
        if (head.methodName().isEmpty()) {
            return MessageError.REQUEST_LINE;
        }
        MessageError error = host(head, fields);
        if (error == null) {
            error = head.method() == Method.CONNECT ? connect(head) : target(head, fields.array());
        }
        if (error == null) {
            error = length(head, fields);
        }
        if (error == null && fields.has(KnownField.EXPECT)) {
            int i = fields.first(KnownField.EXPECT);
            boolean known = fields.next(i) < 0 && fields.valueIsIgnoreCase(i, CONTINUE);
            error = known ? null : MessageError.EXPECTATION;
        }
        return error;
    }

    /** Host and {@code :authority}: one of them at least, and never two opinions. */
    private @Nullable MessageError host(RequestHead head, Fields fields) {
        int host = fields.first(KnownField.HOST);
        if (host < 0) {
            if (named.isEmpty()) {
                return MessageError.HOST;
            }
            host = indexHost(fields);
        } else if (fields.next(host) >= 0 || !(named.isEmpty() || agree(fields, host))) {
            return MessageError.HOST;
        }
        int start = fields.valueStart(host);
        int length = fields.valueLength(host);
        if (!authority.read(fields.array(), start, start + length)) {
            return MessageError.HOST;
        }
        head.host().set(start, authority.hostEnd() - start);
        head.forwardedHost().set(start, length);
        return null;
    }

    /** Others read Host: also a request that has only the authority has that field. */
    private int indexHost(Fields fields) {
        byte[] name = KnownField.HOST.bytes();
        int start = fields.append(name, 0, name.length);
        int value = fields.append(fields.array(), named.start(), named.length());
        return fields.index(start, name.length, value, named.length());
    }

    private boolean agree(Fields fields, int host) {
        int start = fields.valueStart(host);
        byte[] a = fields.array();
        if (fields.valueLength(host) != named.length()) {
            return false;
        }
        for (int i = 0; i < named.length(); i++) {
            if (FieldSyntax.toLower(a[start + i]) != FieldSyntax.toLower(a[named.start() + i])) {
                return false;
            }
        }
        return true;
    }

    /** A CONNECT names a host and nothing else (section 4.4). */
    private @Nullable MessageError connect(RequestHead head) {
        boolean plain = scheme.isEmpty() && head.target().isEmpty() && authority.port() > 0;
        head.target().set(named);
        return plain ? null : MessageError.TARGET;
    }

    private @Nullable MessageError target(RequestHead head, byte[] a) {
        if (!(is(a, scheme, HTTPS) || is(a, scheme, HTTP)) || head.target().isEmpty()) {
            return MessageError.REQUEST_LINE;
        }
        int start = head.target().start();
        int end = head.target().end();
        boolean asterisk = end - start == 1 && a[start] == '*' && head.method() == Method.OPTIONS;
        if (FieldSyntax.targetEnd(a, start, end) != end || (a[start] != '/' && !asterisk)) {
            return MessageError.TARGET;
        }
        int question = start;
        while (question < end && a[question] != '?') {
            question++;
        }
        head.path().set(start, question - start);
        head.query().set(question, end - question);
        head.forwardedPath().set(head.path());
        return null;
    }

    private static boolean is(byte[] a, Span part, byte[] lower) {
        return part.length() == lower.length && FieldSyntax.equalsIgnoreCase(a, part.start(), lower);
    }

    private static @Nullable MessageError length(RequestHead head, Fields fields) {
        int i = fields.first(KnownField.CONTENT_LENGTH);
        if (i < 0) {
            head.contentLength(RequestHead.UNKNOWN_LENGTH);
            return null;
        }
        int start = fields.valueStart(i);
        long length = FieldSyntax.parseContentLength(fields.array(), start, start + fields.valueLength(i));
        if (length < 0 || fields.next(i) >= 0) {
            return MessageError.CONTENT_LENGTH;
        }
        head.contentLength(length);
        return null;
    }
}
