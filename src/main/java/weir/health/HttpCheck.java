package weir.health;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.HealthCheck;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.RequestHead;
import weir.http.ResponseHead;

/**
 * The question of an HTTP check, a GET, and what is made of its answer: the status must be in the range, and the first
 * 64 KiB of the body must contain the text if there is one. Confined to one event loop.
 */
final class HttpCheck implements Question {
    private static final int BODY_LIMIT = 64 * 1024;
    private static final String CLOSED = "connection closed before the response was complete";
    private static final byte[] USER_AGENT = ascii("user-agent");
    private static final byte[] ACCEPT = ascii("accept");

    private final SocketCheck check;
    private final HealthCheck settings;
    private final String host;
    private byte[] body = new byte[0];
    private int length;
    private int searched;
    private boolean closed;

    HttpCheck(SocketCheck check, HealthCheck settings, String host) {
        this.check = check;
        this.settings = settings;
        this.host = host;
    }

    @Override
    public void ask(BackendConnection connection) {
        if (closed) {
            check.failed(CLOSED);
            return;
        }
        BackendStream stream = connection.open(this);
        stream.request(head(), true);
        stream.flush();
    }

    private RequestHead head() {
        RequestHead head = new RequestHead();
        Fields fields = head.fields();
        byte[] method = ascii("GET");
        head.method(fields.append(method, 0, method.length), method.length);
        byte[] target = ascii(settings.path());
        int start = fields.append(target, 0, target.length);
        int question = settings.path().indexOf('?');
        int path = question < 0 ? target.length : question;
        head.target().set(start, target.length);
        head.path().set(start, path);
        head.forwardedPath().set(start, path);
        head.query().set(start + path, target.length - path);
        byte[] authority = ascii(host);
        head.forwardedHost().set(fields.append(authority, 0, authority.length), authority.length);
        fields.add(USER_AGENT).value("Weir-HealthCheck");
        fields.add(ACCEPT).value("*/*");
        return head;
    }

    @Override
    public void response(ResponseHead head, boolean last) {
        int status = head.status();
        if (status < settings.minimumStatus() || status > settings.maximumStatus()) {
            check.failed("status " + status + " (expected " + range() + ")");
        } else if (settings.body() == null) {
            check.passed();
        } else if (last) {
            check.failed(mismatch());
        }
    }

    private String range() {
        return settings.minimumStatus() == settings.maximumStatus()
                ? String.valueOf(settings.minimumStatus())
                : settings.minimumStatus() + "-" + settings.maximumStatus();
    }

    private String mismatch() {
        return "body does not contain \"" + settings.body() + '"';
    }

    @Override
    public void body(ByteBuf data) {
        try {
            int n = Math.min(data.readableBytes(), BODY_LIMIT - length);
            if (body.length < length + n) {
                body = Arrays.copyOf(body, Math.min(BODY_LIMIT, Math.max(body.length * 2, length + n)));
            }
            data.readBytes(body, length, n);
            length += n;
        } finally {
            data.release();
        }
        if (bodyContainsText()) {
            check.passed();
        } else if (length == BODY_LIMIT) {
            check.failed(mismatch());
        }
    }

    private boolean bodyContainsText() {
        String wanted = settings.body();
        if (wanted == null) {
            return true;
        }
        byte[] text = wanted.getBytes(StandardCharsets.UTF_8);
        for (; searched + text.length <= length; searched++) {
            if (Arrays.equals(body, searched, searched + text.length, text, 0, text.length)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void end(@Nullable Fields trailers) {
        check.failed(mismatch());
    }

    @Override
    public void failed(BackendFailure failure) {
        check.failed(
                switch (failure) {
                    case RESET, REFUSED -> CLOSED;
                    case INVALID_RESPONSE -> "invalid response";
                    case HEAD_TOO_LARGE -> "response headers are too large";
                    case UNSUPPORTED -> "unsupported";
                });
    }

    @Override
    public void informational(ResponseHead head) {}

    @Override
    public void writable() {}

    @Override
    public void readComplete() {}

    @Override
    public void closed(BackendConnection connection) {
        // Of a question under way the stream says why it failed.
        closed = true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
