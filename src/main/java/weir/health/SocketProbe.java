package weir.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.Protocol;
import weir.connection.Destination;
import weir.http.BackendConnection;
import weir.http.HeadPool;
import weir.http1.Http1BackendHandler;
import weir.http2.Http2BackendHandler;
import weir.tls.BackendContexts;

/**
 * Makes checks over sockets: opens a TCP connection, and for HTTP asks one question on it, in the version and with the
 * TLS of the service. Each check has a connection of its own, which is closed afterwards. Confined to one event loop.
 */
public final class SocketProbe implements Probe {
    private static final int RESPONSE_HEAD_LIMIT = 64 * 1024;

    private final EventLoop loop;
    private final BackendContexts tls;
    private final HeadPool heads = new HeadPool();

    /** A probe whose sockets live on this loop, one of NIO's. */
    public SocketProbe(EventLoop loop, BackendContexts tls) {
        this.loop = loop;
        this.tls = tls;
    }

    @Override
    public Running start(InetSocketAddress address, String host, Destination to, HealthCheck settings, Result result) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                // The whole check has one deadline.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        SocketCheck check = new SocketCheck(loop, settings, result);
        if (settings.type() == HealthCheck.Type.TCP) {
            check.connect(bootstrap.handler(new ChannelInboundHandlerAdapter()), address, check::passed);
            return check;
        }
        Question question = new Question(new HttpCheck(check, settings, host), check, to);
        check.connect(bootstrap.handler(question), address, question::connected);
        return check;
    }

    /** A connection that is to be asked as soon as both sides agree on how to speak. */
    private final class Question extends ChannelInitializer<Channel> implements BackendConnection.Handshake {
        private final HttpCheck http;
        private final SocketCheck check;
        private final Destination to;
        private @Nullable BackendConnection connection;

        Question(HttpCheck http, SocketCheck check, Destination to) {
            this.http = http;
            this.check = check;
            this.to = to;
        }

        @Override
        protected void initChannel(Channel channel) {
            Protocol protocol = to.service().wire().protocol();
            boolean secure = protocol == Protocol.HTTPS || protocol == Protocol.H2;
            if (secure) {
                int port = to.endpoint().socketAddress().getPort();
                String name = to.service().name();
                tls.install(channel, name, to.endpoint().host(), port, this, !to.multiplexes());
            }
            if (to.multiplexes()) {
                Http2BackendHandler made = new Http2BackendHandler(http, this, heads, RESPONSE_HEAD_LIMIT, secure);
                channel.pipeline().addLast(made);
                connection = made;
            } else {
                Http1BackendHandler made = new Http1BackendHandler(http, heads, RESPONSE_HEAD_LIMIT);
                channel.pipeline().addLast(made);
                connection = made;
            }
        }

        void connected() {
            if (!to.handshakes()) {
                done();
            }
        }

        @Override
        public void done() {
            // As a task of its own: a connection is asked when it has dealt with what came.
            BackendConnection made = connection;
            if (made != null) {
                loop.execute(() -> http.ask(made));
            }
        }

        @Override
        public void failed(Throwable cause) {
            check.failed("no handshake: " + cause.getMessage());
        }
    }
}
