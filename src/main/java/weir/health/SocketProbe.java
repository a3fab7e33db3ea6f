package weir.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.Wire;
import weir.http.HeadPool;
import weir.http1.Http1BackendHandler;

/**
 * Makes checks over sockets: opens a TCP connection, and for HTTP asks one question on it. Each check has a connection of
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
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                // The whole check has one deadline.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        if (settings.type() == HealthCheck.Type.TCP) {
            SocketCheck check = new SocketCheck(loop, settings, wire.proxyProtocol(), result);
            check.connect(bootstrap.handler(new ChannelInboundHandlerAdapter()), address, check::passed);
            return check;
        }
        SocketCheck check = new SocketCheck(loop, settings, wire.proxyProtocol(), result);
        HttpCheck question = new HttpCheck(check, settings, host);
        Http1BackendHandler connection = new Http1BackendHandler(question, heads, RESPONSE_HEAD_LIMIT);
        check.connect(bootstrap.handler(connection), address, () -> question.ask(connection));
        return check;
    }
}
