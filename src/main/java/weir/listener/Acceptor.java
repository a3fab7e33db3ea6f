package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
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
        listeners.admission().accepted(client, ctx.channel());
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
        if (connection.loop().heads().budget().refuses()) {
            listeners.refused();
            channel.close();
            return;
        }
        switch (listeners.connections().enter(from, limits.connections(), perAddress)) {
            case COUNTED -> counted(connection, perAddress, peer, local);
            case ADDRESS_FULL -> {
                listeners.refused();
                channel.close();
            }
            case FULL -> makeRoom(connection, perAddress, peer, local);
        }
    }

    private void counted(ClientConnection connection, int perAddress, InetSocketAddress peer, InetSocketAddress local) {
        InetAddress from = peer.getAddress();
        connection
                .channel()
                .closeFuture()
                .addListener(done -> listeners.connections().leave(from, perAddress));
        connection.channel().pipeline().addFirst(listeners.closes());
        connection.listener().accepted().increment(connection.loop().index());
        arrive(connection, peer, local);
    }

    private static void arrive(ClientConnection connection, InetSocketAddress peer, InetSocketAddress local) {
        if (connection.listener().config().proxyProtocol() != ProxyProtocol.OFF) {
            ProxyArrival.install(connection, peer, local);
        } else {
            connection.begin(peer, local);
        }
    }

    /** There are as many connections as there may be: an idle one makes way, on this loop or another one. */
    private void makeRoom(
            ClientConnection connection, int perAddress, InetSocketAddress peer, InetSocketAddress local) {
        Channel channel = connection.channel();
        channel.config().setAutoRead(false); // what is read now would find no handler
        listeners.admission().relief().clients(channel.eventLoop(), closed -> {
            if (!channel.isOpen()) {
                return;
            }
            if (!closed) {
                refuse(connection, peer, local);
            } else if (listeners.connections().enter(peer.getAddress(), 0, perAddress)
                    == ConnectionLimits.Entry.COUNTED) {
                counted(connection, perAddress, peer, local);
            } else {
                listeners.refused();
                channel.close();
                return;
            }
            channel.config().setAutoRead(true);
        });
    }

    /** Has the first request answered with 503, where that can be said and not too many are answered so. */
    private void refuse(ClientConnection connection, InetSocketAddress peer, InetSocketAddress local) {
        Admission admission = listeners.admission();
        listeners.refused();
        boolean answers =
                admission.answersRefusal(connection.settings().limits().connections());
        if (answers && connection.listener().config().protocol() == ListenerConfig.Protocol.HTTP) {
            connection.refuses();
            connection.channel().closeFuture().addListener(done -> admission.answeredOne());
            arrive(connection, peer, local);
            return;
        }
        if (answers) {
            admission.answeredOne();
        }
        Admission.reset(connection.channel());
    }

    /** Accepting failed, most likely for want of file descriptors. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        listeners.admission().failed(ctx.channel(), cause);
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
