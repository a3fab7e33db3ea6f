package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http.ClientStream;
import weir.http.ConnectionFacts;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.Tick;
import weir.testing.Http2Frames;
import weir.testing.Http2Frames.Frame;

/** A client's HTTP/2 connection without a socket; a test says what the requests' receivers do. */
final class Http2ClientFixture {
    final Tick tick = new Tick();
    final Http2Frames frames = new Http2Frames();
    final List<Exchange> exchanges = new ArrayList<>();
    final EmbeddedChannel channel;
    final HeadPool heads = new HeadPool();
    boolean draining;

    /** What becomes of each request when its head is there. */
    Consumer<Exchange> onRequest = exchange -> {};

    /** What becomes of each request when it has ended. */
    Consumer<Exchange> onEnd = exchange -> {};

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private long now = tick.now();

    Http2ClientFixture() {
        InetSocketAddress nobody = new InetSocketAddress(0);
        Http2Limits limits = Http2Limits.of(LimitsConfig.DEFAULT, ListenerConfig.Http2.DEFAULT);
        channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline()
                .addLast(new Http2ClientHandler(
                        stream -> {
                            Exchange exchange = new Exchange(stream);
                            exchanges.add(exchange);
                            return exchange;
                        },
                        new Http2ClientTerms(heads, tick, limits, () -> draining),
                        new ConnectionFacts(nobody, nobody, null)));
    }

    /** One request and what the receiver heard of it. */
    final class Exchange implements RequestReceiver {
        final ClientStream stream;
        final StringBuilder events = new StringBuilder();
        String line = "";
        long bytes;
        boolean over;
        boolean last;
        boolean writable = true;

        Exchange(ClientStream stream) {
            this.stream = stream;
        }

        @Override
        public void request(RequestHead head, boolean whole) {
            hear("request");
            last = whole;
            line = head.text(head.methodName()) + " " + head.text(head.target());
            heads.release(head);
            onRequest.accept(this);
        }

        @Override
        public void rejected(RequestHead head, MessageError error) {
            hear("rejected " + error.code());
            heads.release(head);
            over = true;
            answer(error.status(), "");
        }

        @Override
        public void body(ByteBuf data) {
            hear("");
            bytes += data.readableBytes();
            data.release();
        }

        @Override
        public void end(@Nullable Fields trailers) {
            hear("end");
            last = true;
            onEnd.accept(this);
        }

        @Override
        public void broken(MessageError error) {
            hear("broken " + error.code());
            over = true;
            stream.reset();
        }

        @Override
        public void aborted() {
            hear("aborted");
            over = true;
        }

        @Override
        public void writable() {
            hear("writable");
            writable = true;
        }

        @Override
        public void readComplete() {
            assertFalse(over, "an event behind the last one");
        }

        private void hear(String event) {
            assertFalse(over, () -> event + " behind " + events);
            events.append(event.isEmpty() || events.isEmpty() ? "" : ", ").append(event);
        }

        void respond(int status, long length) {
            ResponseHead head = new ResponseHead();
            head.status(status);
            head.contentLength(length);
            over |= length == 0;
            stream.respond(head, length == 0);
        }

        void write(String text) {
            stream.write(allocator.buffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1)));
        }

        void finish() {
            over = true;
            stream.finish(null);
        }

        void answer(int status, String body) {
            over = true;
            respond(status, body.length());
            if (!body.isEmpty()) {
                write(body);
                finish();
            }
            stream.flush();
        }
    }

    Http2ClientFixture begin() {
        send(frames.preface());
        received();
        return this;
    }

    void send(byte[]... pieces) {
        if (!channel.isOpen()) {
            return;
        }
        channel.writeInbound(allocator.buffer().writeBytes(Http2Frames.concat(pieces)));
        channel.runPendingTasks();
    }

    /** The frames sent to the client since the last call. */
    List<Frame> received() {
        channel.runPendingTasks();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            unread.writeBytes(ByteBufUtil.getBytes(out));
            out.release();
        }
        byte[] all = unread.toByteArray();
        unread.reset();
        List<Frame> read = new ArrayList<>();
        int at = 0;
        while (all.length - at >= 9) {
            int length = (all[at] & 0xff) << 16 | (all[at + 1] & 0xff) << 8 | all[at + 2] & 0xff;
            byte[] payload = Arrays.copyOfRange(all, at + 9, at + 9 + length);
            read.add(new Frame(all[at + 3], all[at + 4], FrameReader.integer(all, at + 5), payload));
            at += 9 + length;
        }
        assertEquals(all.length, at, "a frame is cut");
        return read;
    }

    /** The frames of one type among those sent to the client since the last call. */
    List<Frame> received(int type) {
        return received().stream().filter(frame -> frame.type() == type).toList();
    }

    void tickAfter(Duration time) {
        now += time.toNanos();
        tick.run(now);
        channel.runPendingTasks();
    }

    /** Ends the connection and checks that every buffer was released. */
    void close() {
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        assertEquals(0, allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory(), "leaked bytes");
        assertEquals(0, tick.size(), "left in the tick");
        assertTrue(exchanges.stream().allMatch(exchange -> exchange.over), "an exchange is left open");
    }
}
