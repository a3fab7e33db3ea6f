package weir.testing;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.MessageError;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.TlsFacts;

/** One of several streams of a {@link MuxClient}; a test says what the client does. Confined to the test's thread. */
public final class MuxClientStream implements ClientStream {
    private final MuxClient connection;
    private final Violations violations;
    private @Nullable RequestReceiver receiver;

    public final String path;
    public final List<Integer> informed = new ArrayList<>();
    public final List<String> fields = new ArrayList<>();
    public final List<String> trailers = new ArrayList<>();
    public int status;
    public long received;
    public boolean requestEnded;
    public boolean paused;
    public boolean tunnel;
    public boolean closes;
    public boolean wasReset;
    public boolean finished;
    /** No event is sent and no call is awaited any more. */
    public boolean over;

    public int unflushed;
    private boolean writable = true;
    private @Nullable RuntimeException bug;

    MuxClientStream(MuxClient connection, String path) {
        this.connection = connection;
        this.violations = connection.violations;
        this.path = path;
    }

    void receiver(RequestReceiver to, boolean whole) {
        receiver = to;
        requestEnded = whole;
    }

    // What the proxy does

    @Override
    public InetSocketAddress peer() {
        return connection.peer;
    }

    @Override
    public InetSocketAddress local() {
        return connection.peer;
    }

    @Override
    public @Nullable TlsFacts tls() {
        return connection.tls;
    }

    @Override
    public boolean secure() {
        return true;
    }

    @Override
    public void inform(ResponseHead head) {
        violations.unless(status == 0 && !over, "informed after the answer");
        informed.add(head.status());
        unflushed++;
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        violations.unless(status == 0 && !over, "answered twice");
        status = head.status();
        Fields all = head.fields();
        for (int i = 0; i < all.count(); i++) {
            if (!all.dropped(i)) {
                fields.add(all.name(i) + ": " + all.value(i));
            }
        }
        unflushed++;
        if (last) {
            finished = true;
            over = true;
        }
        trip();
    }

    @Override
    public void write(ByteBuf data) {
        received += data.readableBytes();
        data.release();
        violations.unless(status != 0 && !finished && !over, "wrote outside the answer");
        unflushed++;
        trip();
    }

    @Override
    public void finish(@Nullable Fields last) {
        violations.unless(status != 0 && !finished && !over, "finished an answer twice");
        for (int i = 0; last != null && i < last.count(); i++) {
            trailers.add(last.name(i) + ": " + last.value(i));
        }
        finished = true;
        over = !tunnel || requestEnded;
        unflushed++;
        trip();
    }

    @Override
    public void flush() {
        unflushed = 0;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void pause() {
        violations.unless(!over, "paused after the end");
        paused = true;
    }

    @Override
    public void resume() {
        violations.unless(!over, "resumed after the end");
        paused = false;
    }

    @Override
    public void tunnel() {
        tunnel = true;
        requestEnded = false;
    }

    @Override
    public void closeAfterResponse() {
        violations.unless(status == 0, "told to close too late");
        closes = true;
    }

    @Override
    public void reset() {
        wasReset = true;
        over = true;
    }

    private void trip() {
        RuntimeException thrown = bug;
        bug = null;
        if (thrown != null) {
            throw thrown;
        }
    }

    // What the client does

    /** The next call of the proxy that sends something fails, as a bug would. */
    public void breakNextCall() {
        bug = new IllegalStateException("a bug of the test");
    }

    private RequestReceiver to() {
        RequestReceiver known = receiver;
        if (known == null || over) {
            throw new IllegalStateException("the stream is over");
        }
        return known;
    }

    /** Whether body events may be sent. */
    public boolean sends() {
        return !over && !requestEnded && !paused;
    }

    public void send(int bytes) {
        to().body(violations.data(bytes));
    }

    public void end() {
        RequestReceiver known = to();
        requestEnded = true;
        known.end(null);
        if (tunnel && finished) {
            over = true;
        }
    }

    public void abort() {
        RequestReceiver known = to();
        over = true;
        known.aborted();
    }

    public void breakOff(MessageError error) {
        to().broken(error);
    }

    public void writable(boolean now) {
        boolean before = writable;
        writable = now;
        if (now && !before && !over) {
            to().writable();
        }
    }

    public void readComplete() {
        to().readComplete();
    }
}
