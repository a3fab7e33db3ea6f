package weir.accesslog;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * A whole line of {@code json}: an object with every field of {@link LogField} that has a value, in that order. Written
 * out, for walking a list of fields costs a quarter of the line in calls that no branch predictor foresees. Immutable.
 */
final class JsonLine implements FieldWriter {
    private static final Literal TIME = new Literal("{\"time\":".getBytes(StandardCharsets.US_ASCII));
    private static final Literal CLIENT = name(LogField.CLIENT);
    private static final Literal PEER = name(LogField.PEER);
    private static final Literal LISTENER = name(LogField.LISTENER);
    private static final Literal PROTOCOL = name(LogField.PROTOCOL);
    private static final Literal TLS = name(LogField.TLS);
    private static final Literal SNI = name(LogField.SNI);
    private static final Literal METHOD = name(LogField.METHOD);
    private static final Literal HOST = name(LogField.HOST);
    private static final Literal PATH = name(LogField.PATH);
    private static final Literal STATUS = name(LogField.STATUS);
    private static final Literal GRPC_STATUS = name(LogField.GRPC_STATUS);
    private static final Literal BYTES_IN = name(LogField.BYTES_IN);
    private static final Literal BYTES_OUT = name(LogField.BYTES_OUT);
    private static final Literal DURATION = name(LogField.DURATION);
    private static final Literal QUEUE = name(LogField.QUEUE);
    private static final Literal CONNECT = name(LogField.CONNECT);
    private static final Literal FIRST_BYTE = name(LogField.FIRST_BYTE);
    private static final Literal TRANSFER = name(LogField.TRANSFER);
    private static final Literal ROUTE = name(LogField.ROUTE);
    private static final Literal SERVICE = name(LogField.SERVICE);
    private static final Literal BACKEND = name(LogField.BACKEND);
    private static final Literal ATTEMPTS = name(LogField.ATTEMPTS);
    private static final Literal DISCOVERY_AGE = name(LogField.DISCOVERY_AGE);
    private static final Literal REQUEST_ID = name(LogField.REQUEST_ID);
    private static final Literal TRACE_ID = name(LogField.TRACE_ID);
    private static final Literal USER_AGENT = name(LogField.USER_AGENT);
    private static final Literal REFERER = name(LogField.REFERER);
    private static final Literal WHY = name(LogField.WHY);
    private static final Literal NO_WHY = new Literal(",\"why\":\"\"}".getBytes(StandardCharsets.US_ASCII));

    private final JsonStyle style = new JsonStyle();

    private static Literal name(LogField field) {
        return new Literal((",\"" + field.text() + "\":").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void write(LoggedExchange exchange, LineBuffer out, LineClock clock) {
        out.put(TIME);
        style.time(out, clock, exchange.startedMillis());
        who(exchange, out);
        RequestHead head = exchange.request();
        if (head != null) {
            asked(head, out);
        }
        number(out, STATUS, exchange.status());
        if (exchange.grpcStatus() >= 0) {
            number(out, GRPC_STATUS, exchange.grpcStatus());
        }
        number(out, BYTES_IN, exchange.bytesIn());
        number(out, BYTES_OUT, exchange.bytesOut());
        durations(exchange, out);
        where(exchange, out);
        range(out, REQUEST_ID, exchange.requestId(), exchange.requestIdStart(), exchange.requestIdLength());
        if (head != null) {
            carried(head, out);
        }
        String why = exchange.why();
        if (why.isEmpty()) {
            out.put(NO_WHY);
        } else {
            name(out, WHY, why);
            out.put('}');
        }
    }

    private void who(LoggedExchange exchange, LineBuffer out) {
        out.put(CLIENT);
        style.text(out, exchange.client(), exchange.clientStart(), exchange.clientLength());
        out.put(PEER);
        byte[] peer = exchange.peer();
        style.text(out, peer, 0, peer.length);
        name(out, LISTENER, exchange.listener());
        name(out, PROTOCOL, exchange.protocol());
        name(out, TLS, exchange.tlsVersion());
        String serverName = exchange.serverName();
        if (serverName != null) {
            out.put(SNI);
            style.clientText(out, serverName);
        }
    }

    private void asked(RequestHead head, LineBuffer out) {
        byte[] array = head.fields().array();
        Span method = head.methodName();
        range(out, METHOD, array, method.start(), method.length());
        Span host = head.host();
        range(out, HOST, array, host.start(), host.length());
        int path = LogField.pathStart(head);
        range(out, PATH, array, path, head.target().end() - path);
    }

    private static void durations(LoggedExchange exchange, LineBuffer out) {
        seconds(out, DURATION, exchange.totalNanos());
        seconds(out, QUEUE, exchange.queueNanos());
        seconds(out, CONNECT, exchange.connectNanos());
        seconds(out, FIRST_BYTE, exchange.firstByteNanos());
        seconds(out, TRANSFER, exchange.transferNanos());
    }

    private void where(LoggedExchange exchange, LineBuffer out) {
        LogName route = exchange.route();
        if (route != null) {
            out.put(ROUTE);
            out.put(route.json());
        }
        name(out, SERVICE, exchange.service());
        name(out, BACKEND, exchange.backend());
        out.put(ATTEMPTS);
        style.attempts(out, exchange);
        seconds(out, DISCOVERY_AGE, exchange.discoveryAgeNanos());
    }

    private void carried(RequestHead head, LineBuffer out) {
        Fields fields = head.fields();
        int trace = LogField.traceIdStart(fields);
        if (trace >= 0) {
            range(out, TRACE_ID, fields.array(), trace, LogField.TRACE_ID_LENGTH);
        }
        field(out, USER_AGENT, fields, KnownField.USER_AGENT);
        field(out, REFERER, fields, KnownField.REFERER);
    }

    private void field(LineBuffer out, Literal name, Fields fields, KnownField field) {
        int index = fields.first(field);
        if (index >= 0) {
            out.put(name);
            style.text(out, fields.array(), fields.valueStart(index), fields.valueLength(index));
        }
    }

    private void range(LineBuffer out, Literal name, byte[] array, int start, int length) {
        if (length > 0) {
            out.put(name);
            style.text(out, array, start, length);
        }
    }

    private static void name(LineBuffer out, Literal name, @Nullable String value) {
        if (value != null) {
            out.put(name);
            out.putQuoted(value);
        }
    }

    private static void number(LineBuffer out, Literal name, long n) {
        out.put(name);
        out.putNumber(n);
    }

    private static void seconds(LineBuffer out, Literal name, long nanos) {
        if (nanos >= 0) {
            out.put(name);
            out.putSeconds(nanos);
        }
    }
}
