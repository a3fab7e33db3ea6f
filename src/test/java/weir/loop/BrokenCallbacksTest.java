package weir.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.config.ProxyProtocol;
import weir.http.BackendConnection;
import weir.http.ConnectionFacts;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.Tick;
import weir.http1.Http1BackendHandler;
import weir.http1.Http1ClientHandler;
import weir.http1.Http1Limits;
import weir.http2.Http2BackendHandler;
import weir.http2.Http2ClientHandler;
import weir.http2.Http2ClientTerms;
import weir.http2.Http2Limits;
import weir.metrics.LoopCounter;
import weir.metrics.Metrics;
import weir.proxyprotocol.ProxyHeader;
import weir.proxyprotocol.ProxyHeaderHandler;
import weir.testing.ExpectsBug;
import weir.testing.FaultyHandler;

/** An exception from any callback of any handler closes the connection, is counted, and leaves nothing behind. */
@ExpectsBug
final class BrokenCallbacksTest {
    private static final List<String> CALLBACKS = List.of(
            "handlerAdded",
            "channelActive",
            "channelRead",
            "channelReadComplete",
            "channelWritabilityChanged",
            "userEventTriggered",
            "channelInactive");

    private final Tick tick = new Tick();
    private final HeadPool heads = new HeadPool();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final LoopCounter broken = new Metrics(1).counter("broken");
    private int owned;

    /** A request that is never answered. */
    private final class Exchange implements RequestReceiver {
        private boolean over;

        Exchange() {
            exchanges.add(this);
        }

        @Override
        public void request(RequestHead head, boolean last) {
            heads.release(head);
        }

        @Override
        public void rejected(RequestHead head, MessageError error) {
            heads.release(head);
            over = true;
        }

        @Override
        public void body(ByteBuf data) {
            data.release();
        }

        @Override
        public void end(@Nullable Fields trailers) {}

        @Override
        public void broken(MessageError error) {
            over = true;
        }

        @Override
        public void aborted() {
            over = true;
        }

        @Override
        public void writable() {}

        @Override
        public void readComplete() {}
    }

    /** Keeps a backend's connection. */
    private final class Owner implements BackendConnection.Owner, BackendConnection.Handshake {
        Owner() {
            owned++;
        }

        @Override
        public void released(BackendConnection connection) {}

        @Override
        public void withdrawn(BackendConnection connection) {}

        @Override
        public void closed(BackendConnection connection) {
            owned--;
        }

        @Override
        public void done() {}

        @Override
        public void failed(Throwable cause) {}
    }

    private ChannelInboundHandler handler(String name) {
        InetSocketAddress nobody = new InetSocketAddress(0);
        ConnectionFacts facts = new ConnectionFacts(nobody, nobody, null);
        LimitsConfig limits = LimitsConfig.DEFAULT;
        Owner owner = name.endsWith("backend") ? new Owner() : null;
        return switch (name) {
            case "http1 client" ->
                new Http1ClientHandler(
                        on -> new Exchange(), heads, tick, Http1Limits.of(limits), () -> false, facts, null, null);
            case "http2 client" ->
                new Http2ClientHandler(
                        on -> new Exchange(),
                        new Http2ClientTerms(
                                heads, tick, Http2Limits.of(limits, ListenerConfig.Http2.DEFAULT), () -> false),
                        facts);
            case "http1 backend" -> new Http1BackendHandler(owner, heads, 65536, null);
            case "http2 backend" -> new Http2BackendHandler(owner, owner, heads, 65536, false);
            default ->
                new ProxyHeaderHandler(ProxyProtocol.V1, tick, 0, new ProxyHeaderHandler.Receiver() {
                    @Override
                    public void named(io.netty.channel.Channel channel, ProxyHeader header) {}

                    @Override
                    public void refused(io.netty.channel.Channel channel, ProxyHeaderHandler.Refusal why) {}
                });
        };
    }

    static Stream<Arguments> faults() {
        return Stream.of("http1 client", "http2 client", "http1 backend", "http2 backend", "proxy header")
                .flatMap(name -> CALLBACKS.stream()
                        .flatMap(callback ->
                                Stream.of(true, false).map(before -> Arguments.of(name, callback, before))));
    }

    private static final String HEAD = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";

    @ParameterizedTest
    @MethodSource("faults")
    void closesAndLeavesNothing(String name, String callback, boolean before) {
        FaultyHandler faulty = new FaultyHandler(handler(name), callback, before);
        EmbeddedChannel channel = new EmbeddedChannel();
        new ConnectionGuard("the connection of", broken).install(channel);
        ConnectionGuard.add(channel, faulty);
        List<Runnable> steps = List.of(
                () -> channel.pipeline().fireChannelActive(),
                () -> channel.writeInbound(
                        Unpooled.copiedBuffer(name.equals("http1 client") ? HEAD : "P", StandardCharsets.US_ASCII)),
                () -> channel.pipeline().fireChannelWritabilityChanged(),
                () -> channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE),
                () -> channel.close());
        for (Runnable step : steps) {
            if (!faulty.thrown() && channel.isOpen()) {
                step.run();
            }
        }
        channel.runPendingTasks();
        for (int seconds = 1; seconds <= 3 && channel.isOpen(); seconds++) {
            tick.run(tick.now() + 300_000_000L);
            channel.runPendingTasks();
        }
        if (faulty.thrown()) {
            assertFalse(channel.isOpen(), "still open");
            // One that has ended the connection by then has no guard any more.
            assertTrue(broken.getCount() >= 1 || (callback.equals("userEventTriggered") && !before), "not counted");
        }
        channel.close();
        channel.runPendingTasks();
        assertEquals(0, tick.size(), "members of the tick");
        assertTrue(exchanges.stream().allMatch(exchange -> exchange.over), "an exchange goes on");
        assertTrue(owned <= 0 || !faulty.thrown() || callback.equals("handlerAdded"), "a connection is owned");
        channel.releaseInbound();
        channel.releaseOutbound();
    }

    @Test
    void saysLackOfMemoryWithoutATrace() {
        EmbeddedChannel channel = new EmbeddedChannel();
        new ConnectionGuard("the connection of", broken).install(channel);
        channel.pipeline().fireExceptionCaught(new OutOfMemoryError("of the test"));
        assertFalse(channel.isOpen());
        assertEquals(1, broken.getCount());
    }
}
