package weir.health;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.HealthCheck;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.ResponseHead;

/**
 * The question of a gRPC check, {@code grpc.health.v1.Health/Check}, and what is made of its answer: it must be
 * SERVING. The two messages are small enough to be written and read by hand. Source: gRPC's {@code health-checking.md}.
 * Confined to one event loop.
 */
final class GrpcCheck implements Question {
    private static final byte[] PATH = ascii("/grpc.health.v1.Health/Check");
    private static final String[] STATES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    private static final int SERVING = 1;
    private static final int NOT_FOUND = 5;
    private static final int UNIMPLEMENTED = 12;
    private static final int PREFIX = 5;
    private static final int MOST_BYTES = 1024;
    private static final byte FIELD_1_LENGTH = 0x0a;
    private static final byte FIELD_1_VARINT = 0x08;

    private final SocketCheck check;
    private final HealthCheck settings;
    private final String host;
    private final byte[] message = new byte[MOST_BYTES];
    private int length;

    GrpcCheck(SocketCheck check, HealthCheck settings, String host) {
        this.check = check;
        this.settings = settings;
        this.host = host;
    }

    @Override
    public void ask(BackendConnection connection) {
        BackendStream stream = connection.open(this);
        stream.request(head(), false);
        stream.write(Unpooled.wrappedBuffer(request(settings.grpcService())));
        stream.finish(null);
        stream.flush();
    }

    private RequestHead head() {
        RequestHead head = new RequestHead();
        Fields fields = head.fields();
        byte[] method = ascii("POST");
        head.method(fields.append(method, 0, method.length), method.length);
        head.target().set(fields.append(PATH, 0, PATH.length), PATH.length);
        head.path().set(head.target());
        head.forwardedPath().set(head.target());
        byte[] authority = ascii(host);
        head.forwardedHost().set(fields.append(authority, 0, authority.length), authority.length);
        head.contentLength(RequestHead.UNKNOWN_LENGTH);
        index(fields, KnownField.CONTENT_TYPE, "application/grpc");
        index(fields, KnownField.TE, "trailers");
        index(fields, KnownField.GRPC_TIMEOUT, settings.timeout().toMillis() % 100_000_000 + "m");
        fields.add(KnownField.USER_AGENT).value("Weir-HealthCheck");
        return head;
    }

    private static void index(Fields fields, KnownField field, String value) {
        byte[] name = field.bytes();
        byte[] bytes = ascii(value);
        int nameStart = fields.append(name, 0, name.length);
        fields.index(nameStart, name.length, fields.append(bytes, 0, bytes.length), bytes.length);
    }

    /** {@code HealthCheckRequest{string service = 1}} behind the prefix of a message; nothing for the whole server. */
    static byte[] request(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        int size = name.length == 0 ? 0 : 2 + name.length;
        byte[] out = new byte[PREFIX + size];
        out[PREFIX - 1] = (byte) size;
        if (size > 0) {
            out[PREFIX] = FIELD_1_LENGTH;
            out[PREFIX + 1] = (byte) name.length;
            System.arraycopy(name, 0, out, PREFIX + 2, name.length);
        }
        return out;
    }

    @Override
    public void response(ResponseHead head, boolean last) {
        if (head.status() != 200) {
            check.failed("HTTP status " + head.status() + " in place of an answer of gRPC");
        } else if (last || head.fields().has(KnownField.GRPC_STATUS)) {
            ended(head.fields());
        }
    }

    @Override
    public void body(ByteBuf data) {
        int n = Math.min(data.readableBytes(), MOST_BYTES - length);
        data.readBytes(message, length, n);
        length += n;
        data.release();
    }

    @Override
    public void end(@Nullable Fields trailers) {
        ended(trailers);
    }

    private void ended(@Nullable Fields fields) {
        String status = fields == null ? null : fields.value(KnownField.GRPC_STATUS);
        if (status == null) {
            check.failed("an answer without grpc-status");
        } else if (status.equals("0")) {
            int state = state(message, length);
            if (state == SERVING) {
                check.passed();
            } else {
                check.failed(state < 0 || state >= STATES.length ? "an answer that is none" : STATES[state]);
            }
        } else {
            check.failed("grpc-status " + status + meaning(status));
        }
    }

    private String meaning(String status) {
        if (status.equals(Integer.toString(UNIMPLEMENTED))) {
            return ": it has no health service";
        }
        return status.equals(Integer.toString(NOT_FOUND))
                ? ": it knows no service \"" + settings.grpcService() + '"'
                : "";
    }

    /** The status of {@code HealthCheckResponse{ServingStatus status = 1}}; -1 for what is no such message. */
    static int state(byte[] message, int length) {
        if (length < PREFIX || message[0] != 0) {
            return -1;
        }
        int size =
                (message[1] & 0xff) << 24 | (message[2] & 0xff) << 16 | (message[3] & 0xff) << 8 | (message[4] & 0xff);
        if (size == 0 && length == PREFIX) {
            return 0; // the default is not written
        }
        return size == 2 && length == PREFIX + 2 && message[PREFIX] == FIELD_1_VARINT ? message[PREFIX + 1] : -1;
    }

    @Override
    public void failed(BackendFailure failure) {
        check.failed(
                switch (failure) {
                    case RESET, REFUSED -> "connection closed before the response was complete";
                    case INVALID_RESPONSE, UNSUPPORTED -> "invalid response";
                    case HEAD_TOO_LARGE -> "response headers are too large";
                });
    }

    @Override
    public void closed(BackendConnection connection) {
        check.failed("connection closed before the response was complete");
    }

    @Override
    public void informational(ResponseHead head) {}

    @Override
    public void writable() {}

    @Override
    public void readComplete() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
