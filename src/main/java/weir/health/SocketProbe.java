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
import weir.config.FailureText;
import weir.config.ServiceConfig.HealthCheck;
import weir.connection.Destination;
import weir.http.BackendConnection;
import weir.http.HeadPool;
import weir.http1.Http1BackendHandler;
import weir.http2.Http2BackendHandler;
import weir.tls.BackendContexts;

/**
 * Makes checks over sockets: opens a TCP connection, and for HTTP and gRPC asks one question on it, in the version (gRPC
 * is always HTTP/2) and with the TLS of the service. Each check has a connection of its own, which is closed afterwards. Confined to one event loop.
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
                // The whole check has one deadline.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        SocketCheck check = new SocketCheck(loop, settings, to.service().wire().proxyProtocol(), result);
        if (settings.type() == HealthCheck.Type.TCP) {
            check.connect(bootstrap.handler(new ChannelInboundHandlerAdapter()), address, check::passed);
            return check;
        }
        boolean grpc = settings.type() == HealthCheck.Type.GRPC;
        Question question = grpc ? new GrpcCheck(check, settings, host) : new HttpCheck(check, settings, host);
        Asker asker = new Asker(question, check, to, grpc || to.multiplexes());
        check.connect(bootstrap.handler(asker), address, asker::connected);
        return check;
    }

    /** A connection that is to be asked as soon as both sides agree on how to speak. */
    private final class Asker extends ChannelInitializer<Channel> implements BackendConnection.Handshake {
        private final Question question;
        private final SocketCheck check;
        private final Destination to;
        private final boolean http2;
        private final boolean secure;
        private @Nullable BackendConnection connection;

        Asker(Question question, SocketCheck check, Destination to, boolean http2) {
            this.question = question;
            this.check = check;
            this.to = to;
            this.http2 = http2;
            this.secure = to.service().wire().protocol().secure();
        }

        @Override
        protected void initChannel(Channel channel) {
            if (secure) {
                int port = to.endpoint().socketAddress().getPort();
                String name = to.service().name();
                tls.install(channel, name, to.endpoint().host(), port, this, !http2);
            }
            if (http2) {
                Http2BackendHandler made = new Http2BackendHandler(question, this, heads, RESPONSE_HEAD_LIMIT, secure);
                channel.pipeline().addLast(made);
                connection = made;
            } else {
                Http1BackendHandler made = new Http1BackendHandler(question, heads, RESPONSE_HEAD_LIMIT, null);
                channel.pipeline().addLast(made);
                connection = made;
            }
        }

        void connected() {
            if (!secure && !http2) {
                done();
            }
        }

        @Override
        public void done() {
            // As a task of its own: a connection is asked when it has dealt with what came.
            BackendConnection made = connection;
            if (made != null) {
                loop.execute(() -> ask(made));
            }
        }

        private void ask(BackendConnection made) {
            try {
                question.ask(made);
            } catch (IllegalStateException closing) {
                check.failed("connection closed before it was asked"); // since that task was made
            }
        }

        @Override
        public void failed(Throwable cause) {
            check.failed("no handshake: " + FailureText.of(cause));
        }
    }
}
