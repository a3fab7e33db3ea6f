package weir.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.Wire;
import weir.http.BackendConnection;
import weir.http.HeadPool;
import weir.http1.Http1BackendHandler;
import weir.http2.Http2BackendHandler;

/**
 * Makes checks over sockets: opens a TCP connection, and for HTTP and gRPC asks one question on it. Each check has a connection of
 * its own, which is closed afterwards. Confined to one event loop.
 */
public final class SocketProbe implements Probe {
    private static final int RESPONSE_HEAD_LIMIT = 64 * 1024;

    private final EventLoop loop;
    private final HeadPool heads = new HeadPool();

    /** A probe whose sockets live on this loop, one of NIO's. */
    public SocketProbe(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public Running start(InetSocketAddress address, String host, HealthCheck settings, Wire wire, Result result) {
        SocketCheck check = new SocketCheck(loop, settings, result);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                // The whole check has one deadline.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        switch (settings.type()) {
            case TCP -> check.connect(bootstrap.handler(new ChannelInboundHandlerAdapter()), address, check::passed);
            case GRPC -> http2(bootstrap, address, check, new GrpcCheck(check, settings, host));
            case HTTP -> {
                Question question = new HttpCheck(check, settings, host);
                if (wire.protocol() == ServiceConfig.Protocol.H2C) {
                    http2(bootstrap, address, check, question);
                } else {
                    http1(bootstrap, address, check, question);
                }
            }
        }
        return check;
    }

    private void http1(Bootstrap bootstrap, InetSocketAddress address, SocketCheck check, Question question) {
        Http1BackendHandler connection = new Http1BackendHandler(question, heads, RESPONSE_HEAD_LIMIT);
        check.connect(bootstrap.handler(connection), address, () -> question.ask(connection));
    }

    private void http2(Bootstrap bootstrap, InetSocketAddress address, SocketCheck check, Question question) {
        Agreement agreement = new Agreement(check, question);
        Http2BackendHandler connection =
                new Http2BackendHandler(question, agreement, heads, RESPONSE_HEAD_LIMIT, false);
        agreement.over = connection;
        check.connect(bootstrap.handler(connection), address, () -> {});
    }

    /** Asks once both sides agree that this is HTTP/2. */
    private static final class Agreement implements BackendConnection.Handshake {
        private final SocketCheck check;
        private final Question question;
        private @Nullable BackendConnection over;

        Agreement(SocketCheck check, Question question) {
            this.check = check;
            this.question = question;
        }

        @Override
        public void done() {
            if (over != null) {
                question.ask(over);
            }
        }

        @Override
        public void failed(Throwable cause) {
            check.failed("no HTTP/2: " + cause.getMessage());
        }
    }
}
