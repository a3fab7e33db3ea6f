package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig;
import weir.config.LimitsConfig.Underscores;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.MessageLimits;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.Tick;

/** A client's connection whose events are written down and answered by a script. */
final class ClientFixture implements RequestReceiver {
    static final Http1Limits LIMITS = Http1Limits.of(LimitsConfig.DEFAULT);

    final List<String> events = new ArrayList<>();
    final Tick tick = new Tick();
    final Http1ClientHandler handler;
    final HalfClosableChannel channel;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final HeadPool heads = new HeadPool();
    boolean draining;
    Runnable onRequest = () -> {};
    Runnable onBody = () -> {};
    Runnable onEnd = () -> {};
    Runnable onFault = () -> {};
    private @Nullable ClientStream stream;

    ClientFixture() {
        this(LIMITS);
    }

    ClientFixture(Http1Limits limits) {
        handler = new Http1ClientHandler(
                on -> {
                    stream = on;
                    return this;
                },
                heads,
                tick,
                limits,
                () -> draining);
        channel = new HalfClosableChannel(handler);
        channel.config().setAllocator(allocator);
    }

    static Http1Limits limits(Underscores underscores) {
        return new Http1Limits(
                new MessageLimits(8192, 32768, 100, 0, 0, 0, underscores), LimitsConfig.HalfClosed.ANSWER);
    }

    ClientStream stream() {
        if (stream == null) {
            throw new IllegalStateException("no request yet");
        }
        return stream;
    }

    void send(String bytes) {
        send(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) {
        channel.writeInbound(buffer(bytes));
    }

    /** Sends each byte by itself. */
    void dribble(byte[] bytes) {
        for (byte b : bytes) {
            send(new byte[] {b});
        }
    }

    ByteBuf buffer(String text) {
        return buffer(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private ByteBuf buffer(byte[] bytes) {
        return allocator.buffer(bytes.length).writeBytes(bytes);
    }

    /** What was sent to the client since the last call. */
    String received() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }

    /** How many buffers were sent to the client since the last call. */
    int writes() {
        int writes = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            writes += out.isReadable() ? 1 : 0;
            out.release();
        }
        return writes;
    }

    ResponseHead head(int status, long length) {
        ResponseHead head = new ResponseHead();
        head.status(status);
        head.contentLength(length);
        return head;
    }

    /** Answers with an empty or a small body and flushes. */
    void answer(int status, String body) {
        ClientStream to = stream();
        to.respond(head(status, body.length()), body.isEmpty());
        if (!body.isEmpty()) {
            to.write(buffer(body));
            to.finish(null);
        }
        to.flush();
    }

    void tickAfter(Duration time) {
        handler.tick(tick.now() + time.toNanos());
        channel.runPendingTasks();
    }

    /** Ends the connection and checks that every buffer was released. */
    void close() {
        channel.finishAndReleaseAll();
        assertEquals(0, allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory(), "leaked bytes");
        assertEquals(0, tick.size(), "left in the tick");
    }

    @Override
    public void request(RequestHead head, boolean last) {
        events.add("request " + head.text(head.methodName()) + " " + head.text(head.target()) + (last ? " last" : ""));
        heads.release(head);
        onRequest.run();
    }

    @Override
    public void rejected(RequestHead head, MessageError error) {
        events.add("rejected " + error.code());
        heads.release(head);
        onFault.run();
    }

    @Override
    public void body(ByteBuf data) {
        events.add("body " + data.toString(StandardCharsets.ISO_8859_1));
        data.release();
        onBody.run();
    }

    @Override
    public void end(@Nullable Fields trailers) {
        StringBuilder text = new StringBuilder("end");
        for (int i = 0; trailers != null && i < trailers.count(); i++) {
            if (!trailers.dropped(i)) {
                text.append(' ').append(trailers.name(i)).append('=').append(trailers.value(i));
            }
        }
        events.add(text.toString());
        onEnd.run();
    }

    @Override
    public void broken(MessageError error) {
        events.add("broken " + error.code());
        onFault.run();
    }

    @Override
    public void aborted() {
        events.add("aborted");
    }

    @Override
    public void writable() {
        events.add("writable");
    }

    @Override
    public void readComplete() {
        stream().flush();
    }
}
