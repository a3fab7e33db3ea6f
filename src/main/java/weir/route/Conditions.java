package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;

/** What a route asks of a request besides host and path: method and fields. Immutable. */
final class Conditions {
    /** What every request meets; shared by all routes that ask for nothing. */
    static final Conditions NONE = new Conditions(List.of(), Map.of());

    private static final byte[] WEBSOCKET = "websocket".getBytes(StandardCharsets.US_ASCII);

    private final int methods;
    private final byte[][] otherMethods;
    private final FieldCondition[] fields;

    private record FieldCondition(byte[] name, @Nullable KnownField known, byte @Nullable [] value) {}

    private Conditions(List<String> methodNames, Map<String, String> headers) {
        int mask = 0;
        List<byte[]> others = new ArrayList<>();
        for (String name : methodNames) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            Method method = bytes.length == 0 ? Method.OTHER : Method.of(bytes, 0, bytes.length);
            if (method == Method.OTHER) {
                others.add(bytes);
            } else {
                mask |= 1 << method.ordinal();
            }
        }
        methods = methodNames.isEmpty() ? -1 : mask;
        otherMethods = others.toArray(byte[][]::new);
        fields = headers.entrySet().stream()
                .map(e -> fieldCondition(e.getKey(), e.getValue()))
                .toArray(FieldCondition[]::new);
    }

    static Conditions of(List<String> methodNames, Map<String, String> headers) {
        return methodNames.isEmpty() && headers.isEmpty() ? NONE : new Conditions(methodNames, headers);
    }

    private static FieldCondition fieldCondition(String name, String value) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        return new FieldCondition(
                bytes,
                KnownField.of(bytes, 0, bytes.length),
                value.equals("*") ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    boolean accept(RequestHead head) {
        return acceptMethod(head) && firstMissingField(head) == null;
    }

    boolean acceptMethod(RequestHead head) {
        if ((methods & 1 << head.method().ordinal()) != 0) {
            return true;
        }
        byte[] a = head.fields().array();
        int start = head.methodName().start();
        int end = head.methodName().end();
        for (byte[] other : otherMethods) {
            if (Arrays.equals(other, 0, other.length, a, start, end)) {
                return true;
            }
        }
        return false;
    }

    /** The name of the first condition on a field that the request does not meet; null when it meets all. */
    byte @Nullable [] firstMissingField(RequestHead head) {
        for (FieldCondition condition : fields) {
            if (!isMet(condition, head)) {
                return condition.name;
            }
        }
        return null;
    }

    private static boolean isMet(FieldCondition condition, RequestHead head) {
        Fields fields = head.fields();
        KnownField known = condition.known;
        if (known == KnownField.UPGRADE) {
            return upgrades(condition, head);
        }
        int search = 0;
        if (known != null) {
            for (int i = fields.first(known); i >= 0; i = fields.next(i)) {
                if (hasValue(condition, fields, i)) {
                    return true;
                }
            }
            search = fields.received(); // behind are those that Weir puts in
        }
        for (int i = search, n = fields.count(); i < n; i++) {
            if (fields.nameIs(i, condition.name) && hasValue(condition, fields, i)) {
                return true;
            }
        }
        return false;
    }

    /** Upgrade is passed on only for a WebSocket, and then by the backend's stream itself. */
    private static boolean upgrades(FieldCondition condition, RequestHead head) {
        byte[] value = condition.value;
        return head.upgradesToWebSocket()
                && (value == null
                        || value.length == WEBSOCKET.length && FieldSyntax.equalsIgnoreCase(value, 0, WEBSOCKET));
    }

    // A field that is not forwarded must not decide where the request goes: no backend could check it.
    private static boolean hasValue(FieldCondition condition, Fields fields, int i) {
        byte[] value = condition.value;
        return !fields.dropped(i) && (value == null || fields.valueIs(i, value));
    }
}
