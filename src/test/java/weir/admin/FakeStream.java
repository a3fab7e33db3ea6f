package weir.admin;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.ResponseHead;

/** A client that remembers what it was answered. */
final class FakeStream implements ClientStream {
    private final InetSocketAddress peer;
    final List<Integer> informed = new ArrayList<>();
    final Map<String, String> fields = new LinkedHashMap<>();
    final StringBuilder body = new StringBuilder();
    int responses;
    int status;
    long contentLength;
    boolean finished;
    boolean flushed;
    boolean closes;
    boolean wasReset;

    FakeStream(String peer) {
        this.peer = new InetSocketAddress(peer, 50_000);
    }

    @Override
    public InetSocketAddress peer() {
        return peer;
    }

    @Override
    public InetSocketAddress local() {
        return new InetSocketAddress("127.0.0.1", 9900);
    }

    @Override
    public boolean secure() {
        return false;
    }

    @Override
    public void inform(ResponseHead head) {
        informed.add(head.status());
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        responses++;
        status = head.status();
        contentLength = head.contentLength();
        for (int i = 0; i < head.fields().count(); i++) {
            fields.put(head.fields().name(i), head.fields().value(i));
        }
        finished = last;
        flushed = false;
    }

    @Override
    public void write(ByteBuf data) {
        body.append(data.toString(StandardCharsets.UTF_8));
        data.release();
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        finished = true;
    }

    @Override
    public void flush() {
        flushed = true;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void tunnel() {
        throw new AssertionError("the admin API has no tunnels");
    }

    @Override
    public void closeAfterResponse() {
        if (responses > 0) {
            throw new AssertionError("closeAfterResponse after the response");
        }
        closes = true;
    }

    @Override
    public void reset() {
        wasReset = true;
    }
}
