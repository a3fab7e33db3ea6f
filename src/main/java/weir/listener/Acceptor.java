package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.LimitsConfig;
import weir.config.ProxyProtocol;
import weir.http.Breakage;
import weir.loop.ConnectionGuard;

/**
 * Takes in what a listening socket accepts: gives each connection its event loop, counts it and sets it on its way. It
 * does what Netty's {@code ServerBootstrap} would, with less for each connection, as there are never options to apply
 * but one, nor a handler that only adds others. Called on the event loop of the socket; the connection's way begins on its
 * own.
 */
@ChannelHandler.Sharable
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    /** As {@code ServerBootstrap} has it. */
    private static final long PAUSE_MILLIS = 1_000;

    private final Listeners listeners;
    private final EventLoopGroup loops;
    private final Address address;
    private volatile ListenerSettings known;

    /** An acceptor of one listener, for all its sockets. */
    Acceptor(Listeners listeners, EventLoopGroup loops, ListenerSettings known) {
        this.listeners = listeners;
        this.loops = loops;
        this.address = known.config().address();
        this.known = known;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        Channel client = (Channel) accepted;
        client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        EventLoop loop = listeners.sharesPorts() ? ctx.channel().eventLoop() : loops.next();
        if (loop.inEventLoop()) {
            take(client, loop);
        } else {
            try {
                loop.execute(() -> take(client, loop));
            } catch (RejectedExecutionException e) {
                client.unsafe().closeForcibly(); // the process ends
            }
        }
    }

    /** Before anything is read of it, as that would find no handler. */
    private void take(Channel client, EventLoop loop) {
        ChannelFuture registered = loop.register(client);
        if (registered.isSuccess()) {
            begun(client);
        } else {
            registered.addListener((ChannelFuture done) -> {
                if (done.isSuccess()) {
                    begun(client);
                } else {
                    LOG.warn("an accepted connection was lost: {}", Breakage.text(done.cause()));
                    client.unsafe().closeForcibly();
                }
            });
        }
    }

    private void begun(Channel client) {
        try {
            begin(client);
        } catch (RuntimeException | Error e) {
            ConnectionGuard.report(client, e);
            ConnectionGuard.closeNow(client);
        }
    }

    private void begin(Channel channel) {
        Listeners.Settings settings = listeners.settings();
        LimitsConfig limits = settings.limits();
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)
                || !(channel.localAddress() instanceof InetSocketAddress local)) {
            channel.close(); // it was reset before it was accepted
            return;
        }
        listeners.guard().install(channel);
        ListenerSettings listener = latest(settings);
        ClientConnection connection = new ClientConnection(listeners, settings, listener, channel);
        channel.config().setAllocator(connection.loop().pool().buffers());
        boolean awaitsHeader = listener.config().proxyProtocol() != ProxyProtocol.OFF;
        if (awaitsHeader && !ProxyArrival.trusts(connection, peer)) {
            channel.close();
            return;
        }
        InetAddress from = peer.getAddress();
        // A proxy has one address for many clients, who are counted when they are known.
        int perAddress = awaitsHeader ? 0 : limits.connectionsPerAddress();
        if (connection.loop().heads().budget().refuses()
                || !listeners.connections().enter(from, limits.connections(), perAddress)) {
            listeners.refused();
            channel.close();
            return;
        }
        channel.closeFuture().addListener(done -> listeners.connections().leave(from, perAddress));
        listener.accepted().increment(connection.loop().index());
        if (awaitsHeader) {
            ProxyArrival.install(connection, peer, local);
        } else {
            connection.begin(peer, local);
        }
    }

    /**
     * Accepting failed, most likely for want of file descriptors: rests for a second, so that the loop has time to close some.
     * On io_uring it has rested already, see {@link BegunFirst}.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelConfig socket = ctx.channel().config();
        if (!socket.isAutoRead()) {
            return;
        }
        LOG.warn("accepting failed, will try again: {}", cause.toString());
        if (!(ctx.channel() instanceof IoUringServerSocketChannel)) {
            socket.setAutoRead(false);
            ctx.executor().schedule(() -> socket.setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Those in force; those of last for what still comes in while the listener is being closed. */
    private ListenerSettings latest(Listeners.Settings settings) {
        ListenerSettings now = settings.listener(address);
        if (now == null) {
            return known;
        }
        if (now != known) {
            known = now;
        }
        return now;
    }
}
