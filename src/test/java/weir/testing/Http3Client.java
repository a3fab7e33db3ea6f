package weir.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** One HTTP/3 connection of Netty's QUIC client; a test says what it sends, frame by frame or byte by byte. Thread-safe. */
public final class Http3Client implements AutoCloseable {
    private static final long WINDOW = 256 * 1024;

    private final MultiThreadIoEventLoopGroup group;
    private final Channel socket;
    private final QuicChannel connection;
    private final List<Long> goneAway = new CopyOnWriteArrayList<>();
    private volatile int closedBy = -1;

    private Http3Client(MultiThreadIoEventLoopGroup group, Channel socket, QuicChannel connection) {
        this.group = group;
        this.socket = socket;
        this.connection = connection;
    }

    /** What a connection hears before it has an owner. */
    private static final class Events extends ChannelInboundHandlerAdapter {
        private volatile @Nullable Http3Client owner;
        private volatile int closedBy = -1;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicConnectionCloseEvent close) {
                closedBy = close.error();
                Http3Client client = owner;
                if (client != null) {
                    client.closedBy = close.error();
                }
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // What the test awaits does not come then.
        }
    }

    private static final class ControlFrames extends ChannelInboundHandlerAdapter {
        private final Events events;
        private final List<Long> before = new CopyOnWriteArrayList<>();

        ControlFrames(Events events) {
            this.events = events;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3GoAwayFrame away) {
                Http3Client client = events.owner;
                (client == null ? before : client.goneAway).add(away.id());
            }
            ReferenceCountUtil.release(frame);
        }
    }

    /** Connects to that port of 127.0.0.1 and waits for the handshake, trusting that authority. */
    public static Http3Client connect(int port, Path authority, String serverName)
            throws IOException, InterruptedException {
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(authority.toFile())
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel socket = null;
        try {
            socket = new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(Http3.newQuicClientCodecBuilder()
                            .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), serverName, port))
                            .maxIdleTimeout(60, TimeUnit.SECONDS)
                            .initialMaxData(64 * WINDOW)
                            .initialMaxStreamDataBidirectionalLocal(WINDOW)
                            .initialMaxStreamDataUnidirectional(WINDOW)
                            .initialMaxStreamsUnidirectional(16)
                            .build())
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sync()
                    .channel();
            Events events = new Events();
            ControlFrames control = new ControlFrames(events);
            QuicChannel connection = QuicChannel.newBootstrap(socket)
                    .handler(new ChannelInitializer<QuicChannel>() {
                        @Override
                        protected void initChannel(QuicChannel channel) {
                            channel.pipeline()
                                    .addLast(new Http3ClientConnectionHandler(control, null, null, null, true))
                                    .addLast(events);
                        }
                    })
                    .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .connect()
                    .get(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            Http3Client client = new Http3Client(group, socket, connection);
            events.owner = client;
            client.goneAway.addAll(control.before);
            client.closedBy = events.closedBy;
            return client;
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            if (socket != null) {
                socket.close().awaitUninterruptibly(1000);
            }
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(e);
        }
    }

    /** Opens a request stream; fails when there is no {@link #room}. */
    public Http3ClientRequest open() throws IOException, InterruptedException {
        Http3ClientRequest request = new Http3ClientRequest();
        Future<QuicStreamChannel> stream =
                Http3.newRequestStream(connection, request.handler()).await();
        if (!stream.isSuccess()) {
            throw new IOException(stream.cause());
        }
        return request.on(stream.getNow());
    }

    /** How many more requests the server lets it open. */
    public long room() {
        return connection.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL);
    }

    /** Opens a stream of one direction and sends those bytes. */
    public void sendOneWay(byte[] bytes) throws InterruptedException {
        connection
                .createStream(QuicStreamType.UNIDIRECTIONAL, null)
                .sync()
                .getNow()
                .writeAndFlush(Unpooled.copiedBuffer(bytes));
    }

    /** Sends a GET and waits for the whole response. */
    public Http3ClientRequest get(String authority, String path) throws IOException, InterruptedException {
        return open().head(true, ":method: GET", ":scheme: https", ":authority: " + authority, ":path: " + path)
                .awaitEnd();
    }

    /** The certificate that the server showed. */
    public X509Certificate certificate() throws SSLPeerUnverifiedException {
        var engine = connection.sslEngine();
        if (engine == null) {
            throw new SSLPeerUnverifiedException("no handshake");
        }
        return (X509Certificate) engine.getSession().getPeerCertificates()[0];
    }

    /** The ids of the GOAWAY frames that came. */
    public List<Long> goneAway() {
        return List.copyOf(goneAway);
    }

    /** Whether the connection is over. */
    public boolean closed() {
        return !connection.isOpen();
    }

    /** Waits until the server has closed the connection; returns the code it closed with. */
    public int awaitClosed() throws IOException, InterruptedException {
        Await.until(this::closed, () -> "the connection was not closed");
        return closedBy;
    }

    @Override
    public void close() throws IOException {
        connection
                .close(true, Http3ErrorCode.H3_NO_ERROR.code(), Unpooled.EMPTY_BUFFER)
                .awaitUninterruptibly(1000);
        socket.close().awaitUninterruptibly(1000);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    }
}
