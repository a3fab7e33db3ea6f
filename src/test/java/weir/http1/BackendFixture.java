package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;

/** A backend's connection whose events, and the owner's, are written down in order. */
final class BackendFixture implements ResponseReceiver, BackendConnection.Owner {
    final List<String> events = new ArrayList<>();
    final Http1BackendHandler handler;
    final HalfClosableChannel channel;
    private @Nullable BackendStream stream;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    Runnable onResponse = () -> {};
    Runnable onBody = () -> {};
    Runnable onEnd = () -> {};
    Runnable onReleased = () -> {};
    private @Nullable ResponseHead head;

    BackendFixture() {
        this(64 * 1024);
    }

    BackendFixture(int headLimit) {
        handler = new Http1BackendHandler(this, new HeadPool(), headLimit, null);
        channel = new HalfClosableChannel(handler);
        channel.config().setAllocator(allocator);
    }

    /** The head of a request as the client's parser makes it. */
    static RequestHead request(String raw) {
        RequestHead head = new RequestHead();
        Http1RequestParser parser = new Http1RequestParser(ClientFixture.LIMITS.message());
        parser.begin(head);
        ByteBuf in = io.netty.buffer.Unpooled.copiedBuffer(raw, StandardCharsets.ISO_8859_1);
        assertEquals(Progress.DONE, parser.parse(in), () -> parser.error().code());
        return head;
    }

    /** Opens a stream and sends a GET. */
    void get() {
        request("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", true);
    }

    void request(String raw, boolean last) {
        stream = handler.open(this);
        stream.request(request(raw), last);
        stream.flush();
    }

    /** The stream that was opened last. */
    BackendStream stream() {
        if (stream == null) {
            throw new IllegalStateException("no stream yet");
        }
        return stream;
    }

    void send(String bytes) {
        channel.writeInbound(buffer(bytes));
    }

    ByteBuf buffer(String text) {
        return allocator.buffer(text.length() + 1).writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What was sent to the backend since the last call. */
    String received() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }

    ResponseHead head() {
        if (head == null) {
            throw new IllegalStateException("no response yet");
        }
        return head;
    }

    /** Ends the connection and checks that every buffer was released. */
    void close() {
        channel.finishAndReleaseAll();
        assertEquals(0, allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory(), "leaked bytes");
        assertEquals(1, events.stream().filter("closed"::equals).count(), "the owner is told once");
    }

    @Override
    public void informational(ResponseHead head) {
        events.add("informational " + head.status());
    }

    @Override
    public void response(ResponseHead received, boolean last) {
        head = received;
        events.add("response " + received.status() + (last ? " last" : ""));
        onResponse.run();
    }

    @Override
    public void body(ByteBuf data) {
        events.add("body " + data.toString(StandardCharsets.ISO_8859_1));
        data.release();
        onBody.run();
    }

    @Override
    public void end(@Nullable Fields trailers) {
        events.add("end" + (trailers == null ? "" : " " + trailers.name(0) + "=" + trailers.value(0)));
        onEnd.run();
    }

    @Override
    public void failed(BackendFailure failure) {
        events.add("failed " + failure);
    }

    @Override
    public void writable() {
        events.add("writable");
    }

    @Override
    public void readComplete() {}

    @Override
    public void released(BackendConnection connection) {
        events.add("released");
        onReleased.run();
    }

    @Override
    public void withdrawn(BackendConnection connection) {
        events.add("withdrawn");
    }

    @Override
    public void closed(BackendConnection connection) {
        events.add("closed");
    }
}
