package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Listening sockets of one port that accept when they are told to, and echo. */
final class ListeningSockets implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;
    private final List<Channel> sockets = new ArrayList<>();

    /** Skips the test where that transport is missing. */
    ListeningSockets(String name, int count) throws InterruptedException {
        Transport transport = Transport.choose(name);
        assumeTrue(transport.name().equals(name), "missing on this machine: " + name);
        group = new MultiThreadIoEventLoopGroup(1, transport.handlers());
        int port = 0;
        for (int i = 0; i < count; i++) {
            ServerBootstrap bootstrap = new ServerBootstrap()
                    .group(group)
                    .channelFactory(transport.servers())
                    .option(ChannelOption.AUTO_READ, false)
                    .childHandler(new Echo());
            if (transport.reusePort()) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            sockets.add(bootstrap
                    .bind(InetAddress.getLoopbackAddress(), port)
                    .sync()
                    .channel());
            port = at().getPort();
        }
    }

    List<Channel> all() {
        return sockets;
    }

    InetSocketAddress at() {
        return (InetSocketAddress) sockets.get(0).localAddress();
    }

    Socket connect() throws IOException {
        return new Socket(at().getAddress(), at().getPort());
    }

    void accept() {
        sockets.forEach(socket -> socket.config().setAutoRead(true));
    }

    static void assertEchoes(Socket client) throws IOException {
        client.setSoTimeout(5_000);
        client.getOutputStream().write('x');
        assertEquals('x', client.getInputStream().read());
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
