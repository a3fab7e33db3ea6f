package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class SynFilterTest {
    private static final int LESS_THAN_THE_SECOND_TRY = 400;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void leavesNewConnectionsUnansweredAndTheQueuedOnesAlone(String name) throws Exception {
        Transport transport = Transport.choose(name);
        assumeTrue(transport.name().equals(name), "this machine has no " + name);
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        try {
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channelFactory(transport.servers())
                    .option(ChannelOption.AUTO_READ, false) // accepts when it is told to
                    .childHandler(new Echo())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            try (Socket queued = new Socket(at.getAddress(), at.getPort());
                    Socket late = new Socket()) {
                SynFilter.attach(server);
                assertThrows(SocketTimeoutException.class, () -> late.connect(at, LESS_THAN_THE_SECOND_TRY));
                server.config().setAutoRead(true);
                queued.getOutputStream().write('x');
                assertEquals('x', queued.getInputStream().read());
            }
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
