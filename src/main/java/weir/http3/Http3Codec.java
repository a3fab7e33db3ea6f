package weir.http3;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weir.loop.ConnectionGuard;

/**
 * Makes the sockets of one address speak QUIC version 1 (RFC 9000), together: a connection is found whichever of them
 * its packets arrive at. Thread-safe; what it makes is confined to the socket's event loop.
 */
public final class Http3Codec {
    /** The application protocol (RFC 9114 section 3.1). */
    public static final String ALPN = "h3";

    /** Unread bytes a client may have on one stream at first; QUIC makes it more while they are read. */
    private static final long STREAM_WINDOW = 128 * 1024;

    /** Control stream, the two of field compression, and some that mean nothing (RFC 9114 section 6.2). */
    private static final int ONE_WAY_STREAMS = 16;

    private static final long ONE_WAY_WINDOW = 16 * 1024;

    /** A request may be silent for long while its backend works; connections without one are closed sooner. */
    private static final long SILENCE_SECONDS = 600;

    /** What the path takes nearly everywhere, and what browsers send. */
    private static final int PACKET = 1350;

    private static final int LARGEST_PACKET = 1500;

    /** Handshakes of unproven clients that one socket has at a time; those beyond must prove their address. */
    private static final int MOST_UNPROVEN = 64;

    private final byte[] key = new byte[32];
    private final AtomicReferenceArray<@Nullable PacketRouter> routers;
    private final Supplier<Http3Limits> limits;
    private final Function<QuicChannel, ? extends QuicSslEngine> tls;
    private final Connections connections;
    private final SegmentedDatagramPacketAllocator segments;

    /** Takes the connections in. */
    @FunctionalInterface
    public interface Connections {
        /**
         * A connection begins its handshake. Called on its event loop.
         *
         * @param established to be handed to the {@link Http3ClientHandler}
         * @return the handler; null when the connection was refused, and closed
         */
        @Nullable
        Http3ClientHandler accept(QuicChannel channel, Runnable established);
    }

    /**
     * A codec for that many sockets.
     *
     * @param limits those in force, for what comes from now on
     * @param tls the engine of a new connection, by the certificates in force
     */
    public Http3Codec(
            int sockets,
            Supplier<Http3Limits> limits,
            Function<QuicChannel, ? extends QuicSslEngine> tls,
            Connections connections,
            SegmentedDatagramPacketAllocator segments) {
        new SecureRandom().nextBytes(key);
        this.routers = new AtomicReferenceArray<>(sockets);
        this.limits = limits;
        this.tls = tls;
        this.connections = connections;
        this.segments = segments;
    }

    /** What makes socket number {@code number} speak QUIC. */
    public ChannelHandler socket(int number) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel socket) {
                Handshakes handshakes = new Handshakes(limits);
                socket.pipeline().addLast(new PacketRouter(number, routers)).addLast(codec(number, handshakes));
            }
        };
    }

    private ChannelHandler codec(int number, Handshakes handshakes) {
        int streams = limits.get().streams();
        return new QuicServerCodecBuilder()
                .localConnectionIdLength(LoopConnectionIds.LENGTH)
                .connectionIdAddressGenerator(new LoopConnectionIds(number))
                .tokenHandler(new AddressTokens(key, handshakes, System::currentTimeMillis))
                .sslEngineProvider(tls)
                .maxIdleTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                .maxSendUdpPayloadSize(PACKET)
                .maxRecvUdpPayloadSize(LARGEST_PACKET)
                // For every stream its window: those that are not read leave the others theirs.
                .initialMaxData(streams * STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataUnidirectional(ONE_WAY_WINDOW)
                .initialMaxStreamsBidirectional(streams)
                .initialMaxStreamsUnidirectional(ONE_WAY_STREAMS)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments)
                .streamHandler(QuietTail.INSTANCE)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        handshakes.begun();
                        Http3ClientHandler handler = null;
                        try {
                            handler = connections.accept(channel, handshakes::ended);
                        } finally {
                            if (handler == null) {
                                handshakes.ended();
                                channel.pipeline().addLast(QuietTail.INSTANCE);
                            }
                        }
                        if (handler != null) {
                            ConnectionGuard.add(channel, handler);
                        }
                    }

                    /** Nothing else would close it, as it has no handler yet. */
                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        ConnectionGuard.report(ctx.channel(), cause);
                        ctx.close();
                    }

                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                })
                .build();
    }

    /** The handshakes under way on one socket. Confined to its event loop. */
    private static final class Handshakes implements java.util.function.BooleanSupplier {
        private final Supplier<Http3Limits> limits;
        private int underWay;

        Handshakes(Supplier<Http3Limits> limits) {
            this.limits = limits;
        }

        void begun() {
            underWay++;
        }

        void ended() {
            underWay--;
        }

        /** Whether clients must prove their address: also where they are counted by it, or one could use up another's. */
        @Override
        public boolean getAsBoolean() {
            return underWay >= MOST_UNPROVEN || limits.get().connectionsPerAddress();
        }
    }
}
