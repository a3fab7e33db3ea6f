package weir.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.FloodGuard;
import weir.http.RequestHead;
import weir.http.ResponseReceiver;

/**
 * One request on an HTTP/2 connection to a backend: sends it within the windows that the backend opens, at most one
 * piece more waits here. {@link StreamResponse} reads the response. Confined to one event loop.
 */
final class Http2BackendStream implements BackendStream {
    private final Http2BackendHandler connection;
    private final BackendStreams streams;
    private final BackendFrameWriter writer;
    private final StreamResponse response;
    private final boolean reused;
    private final BufferQueue queue;
    private int id;
    private int window;
    private boolean finished;
    private boolean ended;
    private boolean waits;
    private boolean refusedMore;
    private byte @Nullable [] trailers;

    Http2BackendStream(Http2BackendHandler connection, ResponseReceiver receiver, boolean reused) {
        this.queue = new BufferQueue(receiver.holding());
        this.connection = connection;
        this.streams = connection.streams();
        this.writer = connection.writer();
        this.reused = reused;
        this.response = new StreamResponse(connection, this, receiver);
    }

    int id() {
        return id;
    }

    StreamResponse response() {
        return response;
    }

    /** Whether the request was sent to its end. */
    boolean ended() {
        return ended;
    }

    // The request

    @Override
    public void request(RequestHead head, boolean last) {
        if (id != 0 || !response.open()) {
            return;
        }
        boolean tunnel = head.upgradesToWebSocket();
        if (tunnel && !connection.extendedConnect()) {
            response.fail(BackendFailure.UNSUPPORTED);
            return;
        }
        id = streams.add(this);
        window = streams.streamWindow();
        finished = last;
        ended = last && !tunnel;
        response.expect(head);
        Fields fields = head.fields();
        int length = connection.requestBlock().head(head, last);
        writer.block(id, fields.array(), fields.length(), length, ended);
        connection.count(FloodGuard.Event.SENT);
    }

    @Override
    public void write(ByteBuf data) {
        if (id == 0 || finished || !response.open()) {
            data.release();
            return;
        }
        int bytes = data.readableBytes();
        if (queue.bytes() > 0) {
            queue.add(data, connection.alloc());
        } else if (bytes > sendable()) {
            queue.add(data, connection.alloc());
            turn(Integer.MAX_VALUE);
        } else if (bytes == 0) {
            data.release();
        } else {
            send(data, bytes);
        }
    }

    private int sendable() {
        return Math.min(window, streams.window());
    }

    private void send(ByteBuf data, int bytes) {
        window -= bytes;
        streams.sent(bytes);
        writer.data(id, data);
        connection.count(FloodGuard.Event.SENT);
    }

    @Override
    public void finish(@Nullable Fields with) {
        if (id == 0 || finished || !response.open()) {
            return;
        }
        finished = true;
        if (with != null && with.count() > 0) {
            int length = connection.requestBlock().trailers(with);
            trailers = Arrays.copyOfRange(with.array(), with.length(), with.length() + length);
        }
        if (queue.bytes() == 0) {
            end();
        }
    }

    private void end() {
        ended = true;
        byte[] block = trailers;
        trailers = null;
        if (block == null) {
            writer.end(id);
        } else {
            writer.block(id, block, 0, block.length, true);
        }
        response.requestEnded();
    }

    /** Sends what waits, at most so many bytes. */
    void turn(int most) {
        waits = false;
        int left = most;
        while (queue.bytes() > 0 && left > 0 && sendable() > 0) {
            ByteBuf data = queue.take(Math.min(left, sendable()));
            int bytes = data.readableBytes();
            left -= bytes;
            send(data, bytes);
        }
        if (queue.bytes() == 0) {
            if (finished && !ended) {
                end();
            }
        } else if (window > 0) {
            waits = true;
            streams.await(this);
        }
    }

    /** The stream's window opens or, by a setting, shrinks; false when it is beyond what there can be. */
    boolean windowMoved(int bytes) {
        if (bytes > 0 && window > Integer.MAX_VALUE - bytes) {
            return false;
        }
        window += bytes;
        if (queue.bytes() > 0 && !waits) {
            turn(Integer.MAX_VALUE);
        }
        tellWritable();
        return true;
    }

    void tellWritable() {
        ResponseReceiver to = response.receiver();
        if (refusedMore && to != null && writable()) {
            to.writable();
        }
    }

    @Override
    public boolean writable() {
        boolean writable = id == 0 || (queue.bytes() == 0 && sendable() > 0 && connection.channelWritable());
        refusedMore = !writable;
        return writable;
    }

    @Override
    public void flush() {
        connection.flushSoon();
    }

    /** Nothing more is sent; what waits is let go. */
    void giveUpRequest() {
        finished = true;
        ended = true;
        queue.clear();
        trailers = null;
    }

    // The response

    @Override
    public void pause() {
        response.body().pause();
    }

    @Override
    public void resume() {
        response.body().resume();
    }

    @Override
    public void tunnel() {
        if (response.tunnel()) {
            finished = false;
        }
    }

    @Override
    public void cancel() {
        response.cancel();
    }

    @Override
    public boolean reused() {
        return reused;
    }
}
