package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;

/** A connection to a backend whose events are written down in order. Confined to the test's thread. */
final class Http2BackendFixture implements BackendConnection.Owner, BackendConnection.Handshake {
    final List<String> events = new ArrayList<>();
    final Http2BackendHandler handler;
    final EmbeddedChannel channel = new EmbeddedChannel();
    final BackendWire backend;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    Http2BackendFixture() {
        this(64 * 1024);
    }

    Http2BackendFixture(int headLimit) {
        channel.freezeTime();
        channel.config().setAllocator(allocator);
        handler = new Http2BackendHandler(this, this, new HeadPool(), headLimit, false);
        channel.pipeline().addLast(handler);
        backend = new BackendWire(channel);
    }

    /** A connection whose handshake is done, and forgets what it took. */
    static Http2BackendFixture settled(int... settings) {
        Http2BackendFixture made = new Http2BackendFixture();
        made.backend.settings(settings);
        made.backend.received();
        made.events.clear();
        return made;
    }

    /** One attempt, whose events carry its name. */
    final class Attempt implements ResponseReceiver {
        final String name;
        BackendStream stream;

        @Nullable
        ResponseHead head;

        Runnable onBody = () -> {};

        Attempt(String name) {
            this.name = name;
            stream = handler.open(this);
        }

        private void event(String text) {
            events.add(name + ' ' + text);
        }

        @Override
        public void informational(ResponseHead received) {
            event("informational " + received.status());
        }

        @Override
        public void response(ResponseHead received, boolean last) {
            head = received;
            StringBuilder text = new StringBuilder("response " + received.status() + (last ? " last" : ""));
            for (int i = 0; i < received.fields().count(); i++) {
                if (!received.fields().dropped(i)) {
                    text.append(' ').append(received.fields().name(i)).append('=');
                    text.append(received.fields().value(i));
                }
            }
            event(text.toString());
        }

        @Override
        public void body(ByteBuf data) {
            int bytes = data.readableBytes();
            event("body " + (bytes > 64 ? String.valueOf(bytes) : data.toString(StandardCharsets.ISO_8859_1)));
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
            event(text.toString());
        }

        @Override
        public void failed(BackendFailure failure) {
            event("failed " + failure);
        }

        @Override
        public void writable() {
            event("writable");
        }

        @Override
        public void readComplete() {}
    }

    /** Opens a stream and sends a GET. */
    Attempt get(String name) {
        return request(name, "GET", true);
    }

    Attempt request(String name, String method, boolean last, String... fields) {
        Attempt attempt = new Attempt(name);
        attempt.stream.request(head(method, "/" + name, last ? 0 : RequestHead.UNKNOWN_LENGTH, fields), last);
        attempt.stream.flush();
        return attempt;
    }

    /** A head as the proxy would hand it over. */
    static RequestHead head(String method, String path, long length, String... fields) {
        RequestHead head = new RequestHead();
        Fields all = head.fields();
        head.method(append(all, method), method.length());
        assertEquals(Method.of(method.getBytes(StandardCharsets.US_ASCII), 0, method.length()), head.method());
        head.forwardedPath().set(append(all, path), path.length());
        head.forwardedHost().set(append(all, "example.com"), 11);
        head.contentLength(length);
        for (int i = 0; i < fields.length; i += 2) {
            all.index(append(all, fields[i]), fields[i].length(), append(all, fields[i + 1]), fields[i + 1].length());
        }
        return head;
    }

    private static int append(Fields to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return to.append(bytes, 0, bytes.length);
    }

    static Fields fields(String... namesAndValues) {
        return head("GET", "/", 0, namesAndValues).fields();
    }

    ByteBuf buffer(int bytes) {
        return allocator.buffer(bytes).writeBytes(new byte[bytes]);
    }

    ByteBuf buffer(String text) {
        return allocator.buffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The events since the last call, without those of the owner. */
    List<String> attempts() {
        channel.runPendingTasks();
        List<String> all = events.stream()
                .filter(event -> !event.equals("released") && !event.equals("withdrawn"))
                .toList();
        events.clear();
        return all;
    }

    /** What the owner was told last of the room for streams. */
    String room() {
        return events.stream()
                .filter(event -> event.equals("released") || event.equals("withdrawn"))
                .reduce("nothing", (before, last) -> last);
    }

    /** Ends the connection and checks that every buffer was released. */
    void close() {
        channel.finishAndReleaseAll();
        assertEquals(0, allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory(), "leaked bytes");
    }

    @Override
    public void released(BackendConnection connection) {
        events.add("released");
    }

    @Override
    public void withdrawn(BackendConnection connection) {
        events.add("withdrawn");
    }

    @Override
    public void closed(BackendConnection connection) {
        events.add("closed");
    }

    @Override
    public void done() {
        events.add("handshake done");
    }

    @Override
    public void failed(Throwable cause) {
        events.add("handshake failed: " + cause.getMessage());
    }
}
