package weir.testing;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;

/** One of several streams of a {@link MuxBackend}; a test says what the backend does. Confined to the test's thread. */
public final class MuxBackendStream implements BackendStream {
    private final MuxBackend connection;
    private final Violations violations;
    private final ResponseReceiver receiver;
    private final boolean reused;
    private final List<ResponseHead> heads = new ArrayList<>();

    public @Nullable String line;
    public final List<String> fields = new ArrayList<>();
    public boolean webSocket;
    public long received;
    public boolean requestEnded;
    public boolean paused;
    public boolean tunnel;
    public boolean cancelled;
    public boolean ended;
    public boolean answered;
    public boolean responseEnded;
    public int flushes;
    private boolean writable = true;
    private @Nullable RuntimeException bug;

    MuxBackendStream(MuxBackend connection, ResponseReceiver receiver, boolean reused) {
        this.connection = connection;
        this.violations = connection.network.violations;
        this.receiver = receiver;
        this.reused = reused;
    }

    // What the proxy does

    @Override
    public void request(RequestHead head, boolean last) {
        violations.unless(line == null && !ended, "a second request");
        line = head.text(head.methodName()) + ' ' + head.text(head.forwardedPath());
        Fields all = head.fields();
        for (int i = 0; i < all.count(); i++) {
            if (!all.dropped(i)) {
                fields.add(all.name(i) + ": " + all.value(i));
            }
        }
        requestEnded = last;
        webSocket = head.upgradesToWebSocket();
        trip();
    }

    @Override
    public void write(ByteBuf data) {
        received += data.readableBytes();
        data.release();
        violations.unless(line != null && !requestEnded && !ended, "wrote outside the request's body");
        trip();
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        violations.unless(line != null && !requestEnded && !ended, "finished a request twice");
        requestEnded = true;
        trip();
        endIfTunnelEnded();
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public boolean writable() {
        violations.unless(!ended, "asked after the end");
        return writable;
    }

    @Override
    public void pause() {
        violations.unless(!ended, "paused after the end");
        paused = true;
    }

    @Override
    public void resume() {
        violations.unless(!ended, "resumed after the end");
        paused = false;
    }

    @Override
    public void tunnel() {
        tunnel = true;
        requestEnded = false;
    }

    @Override
    public void cancel() {
        violations.unless(!ended, "cancelled after the end");
        cancelled = true;
        end();
    }

    @Override
    public boolean reused() {
        return reused;
    }

    // What the backend does

    /** The next call of the proxy that sends something fails, as a bug would. */
    public void breakNextCall() {
        bug = new IllegalStateException("a bug of the test");
    }

    private void trip() {
        RuntimeException thrown = bug;
        bug = null;
        if (thrown != null) {
            throw thrown;
        }
    }

    public void inform(int status) {
        receiver.informational(head(status, 0));
    }

    /** Answers; a status of 204 and the like, and a length of 0, need {@code last}. */
    public void respond(int status, long length, boolean last, String... more) {
        answered = true;
        ResponseHead head = head(status, length);
        put(head.fields(), more);
        responseEnded = last;
        receiver.response(head, last);
        if (last && !ended) {
            end();
        }
    }

    private static void put(Fields fields, String... more) {
        for (int i = 0; i < more.length; i += 2) {
            byte[] name = more[i].getBytes(StandardCharsets.US_ASCII);
            byte[] value = more[i + 1].getBytes(StandardCharsets.US_ASCII);
            int nameStart = fields.append(name, 0, name.length);
            int valueStart = fields.append(value, 0, value.length);
            fields.index(nameStart, name.length, valueStart, value.length);
        }
    }

    public void data(int bytes) {
        violations.unless(!paused, "the test sends data although it is paused");
        receiver.body(violations.data(bytes));
    }

    /** Ends the response, or this direction of a tunnel. */
    public void finishResponse(String... trailers) {
        responseEnded = true;
        if (tunnel) {
            receiver.end(null);
            endIfTunnelEnded();
        } else {
            Fields last = new Fields();
            put(last, trailers);
            receiver.end(trailers.length == 0 ? null : last);
            if (!ended) {
                end();
            }
        }
    }

    public void fail(BackendFailure failure) {
        if (!ended) {
            end();
            receiver.failed(failure);
        }
    }

    public void writable(boolean now) {
        boolean before = writable;
        writable = now;
        if (now && !before) {
            receiver.writable();
        }
    }

    public void readComplete() {
        receiver.readComplete();
    }

    private void endIfTunnelEnded() {
        if (tunnel && requestEnded && responseEnded && !ended) {
            end();
        }
    }

    private ResponseHead head(int status, long length) {
        ResponseHead head = connection.network.heads.response();
        heads.add(head);
        head.status(status);
        head.contentLength(length);
        return head;
    }

    private void end() {
        ended = true;
        heads.forEach(connection.network.heads::release);
        heads.clear();
        connection.ended(this);
    }
}
