package weir.accesslog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * The fields of a line, in the order in which {@code json} and {@code logfmt} write them. The name in lower case is the
 * key there and the {@code {name}} of a template. Immutable.
 */
enum LogField {
    TIME((e, out, clock, style) -> style.time(out, clock, e.startedMillis())),
    CLIENT((e, out, clock, style) -> style.text(out, e.client(), e.clientStart(), e.clientLength())),
    PEER((e, out, clock, style) -> style.text(out, e.peer(), 0, e.peer().length)),
    LISTENER((e, out, clock, style) -> style.text(out, e.listener())),
    PROTOCOL((e, out, clock, style) -> style.text(out, e.protocol())),
    TLS((e, out, clock, style) -> style.text(out, e.tlsVersion())),
    SNI((e, out, clock, style) -> style.clientText(out, e.serverName())),
    METHOD((e, out, clock, style) ->
            span(e.request(), e.request() == null ? null : e.request().methodName(), out, style)),
    HOST((e, out, clock, style) ->
            span(e.request(), e.request() == null ? null : e.request().host(), out, style)),
    PATH((e, out, clock, style) -> path(e.request(), out, style)),
    STATUS((e, out, clock, style) -> style.number(out, e.status())),
    GRPC_STATUS((e, out, clock, style) -> grpcStatus(e.grpcStatus(), out, style)),
    BYTES_IN((e, out, clock, style) -> style.number(out, e.bytesIn())),
    BYTES_OUT((e, out, clock, style) -> style.number(out, e.bytesOut())),
    DURATION((e, out, clock, style) -> style.seconds(out, e.totalNanos())),
    QUEUE((e, out, clock, style) -> style.seconds(out, e.queueNanos())),
    CONNECT((e, out, clock, style) -> style.seconds(out, e.connectNanos())),
    FIRST_BYTE((e, out, clock, style) -> style.seconds(out, e.firstByteNanos())),
    TRANSFER((e, out, clock, style) -> style.seconds(out, e.transferNanos())),
    ROUTE((e, out, clock, style) -> route(e.route(), out, style)),
    SERVICE((e, out, clock, style) -> style.text(out, e.service())),
    BACKEND((e, out, clock, style) -> style.text(out, e.backend())),
    ATTEMPTS((e, out, clock, style) -> style.attempts(out, e)),
    DISCOVERY_AGE((e, out, clock, style) -> style.seconds(out, e.discoveryAgeNanos())),
    REQUEST_ID((e, out, clock, style) -> range(e.requestId(), e.requestIdStart(), e.requestIdLength(), out, style)),
    TRACE_ID((e, out, clock, style) -> traceId(e.request(), out, style)),
    USER_AGENT((e, out, clock, style) -> header(e.request(), KnownField.USER_AGENT, out, style)),
    REFERER((e, out, clock, style) -> header(e.request(), KnownField.REFERER, out, style)),
    WHY((e, out, clock, style) -> style.text(out, e.why()));

    /** {@code 00-} and 32 hexadecimal digits (W3C Trace Context, section 3.2.2). */
    private static final int TRACE_ID_START = 3;

    static final int TRACE_ID_LENGTH = 32;

    private final Value value;
    private final String text = name().toLowerCase(Locale.ROOT);

    LogField(Value value) {
        this.value = value;
    }

    /** How a field's value is found and given to a style. */
    interface Value {
        void write(LoggedExchange exchange, LineBuffer out, LineClock clock, ValueStyle style);
    }

    /** The name in formats. */
    String text() {
        return text;
    }

    /** Writes the value in that style. */
    FieldWriter in(ValueStyle style) {
        return (exchange, out, clock) -> value.write(exchange, out, clock, style);
    }

    /** The field of that name, written with {@code _} or {@code -}; null for none. */
    static @Nullable LogField of(String name) {
        String wanted = name.replace('-', '_');
        for (LogField field : values()) {
            if (field.text.equals(wanted)) {
                return field;
            }
        }
        return null;
    }

    /** Every name. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (LogField field : values()) {
            names.add(field.text);
        }
        return names;
    }

    private static void route(@Nullable LogName route, LineBuffer out, ValueStyle style) {
        style.text(out, route == null ? null : route.toString());
    }

    private static void grpcStatus(int code, LineBuffer out, ValueStyle style) {
        if (code < 0) {
            style.absent(out);
        } else {
            style.number(out, code);
        }
    }

    private static void span(@Nullable RequestHead head, @Nullable Span span, LineBuffer out, ValueStyle style) {
        if (head == null || span == null) {
            style.absent(out);
        } else {
            range(head.fields().array(), span.start(), span.length(), out, style);
        }
    }

    private static void range(byte[] array, int start, int length, LineBuffer out, ValueStyle style) {
        if (length == 0) {
            style.absent(out);
        } else {
            style.text(out, array, start, length);
        }
    }

    private static void path(@Nullable RequestHead head, LineBuffer out, ValueStyle style) {
        if (head == null) {
            style.absent(out);
        } else {
            int start = pathStart(head);
            range(head.fields().array(), start, head.target().end() - start, out, style);
        }
    }

    /** Where the target as received starts, without the {@code http://host} that it may begin with. */
    static int pathStart(RequestHead head) {
        byte[] array = head.fields().array();
        int start = head.target().start();
        int end = head.target().end();
        if (start < end && array[start] != '/') {
            int authority = authority(array, start, end);
            if (authority > 0) {
                start = authority;
                while (start < end && array[start] != '/' && array[start] != '?') {
                    start++;
                }
            }
        }
        return start;
    }

    /** Where the authority of an absolute-form target starts; 0 when it is of another form. */
    private static int authority(byte[] array, int start, int end) {
        for (int i = start; i + 2 < end && array[i] != '/' && array[i] != '?'; i++) {
            if (array[i] == ':' && array[i + 1] == '/' && array[i + 2] == '/') {
                return i + 3;
            }
        }
        return 0;
    }

    private static void header(@Nullable RequestHead head, KnownField field, LineBuffer out, ValueStyle style) {
        header(head, head == null ? -1 : head.fields().first(field), out, style);
    }

    static void header(@Nullable RequestHead head, int index, LineBuffer out, ValueStyle style) {
        if (head == null || index < 0) {
            style.absent(out);
        } else {
            Fields fields = head.fields();
            style.text(out, fields.array(), fields.valueStart(index), fields.valueLength(index));
        }
    }

    private static void traceId(@Nullable RequestHead head, LineBuffer out, ValueStyle style) {
        int start = head == null ? -1 : traceIdStart(head.fields());
        if (head == null || start < 0) {
            style.absent(out);
        } else {
            style.text(out, head.fields().array(), start, TRACE_ID_LENGTH);
        }
    }

    /** Where the trace id of the {@code traceparent} starts; -1 for none. */
    static int traceIdStart(Fields fields) {
        int index = fields.first(KnownField.TRACEPARENT);
        return index >= 0 && isTraceparent(fields, index) ? fields.valueStart(index) + TRACE_ID_START : -1;
    }

    private static boolean isTraceparent(Fields fields, int index) {
        byte[] a = fields.array();
        int start = fields.valueStart(index);
        int end = start + TRACE_ID_START + TRACE_ID_LENGTH;
        if (fields.valueLength(index) <= TRACE_ID_START + TRACE_ID_LENGTH || a[start + 2] != '-' || a[end] != '-') {
            return false;
        }
        for (int i = start + TRACE_ID_START; i < end; i++) {
            if ((a[i] < '0' || a[i] > '9') && (a[i] < 'a' || a[i] > 'f')) {
                return false;
            }
        }
        return true;
    }
}
