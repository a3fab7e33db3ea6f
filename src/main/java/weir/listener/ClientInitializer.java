package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import weir.config.Address;
import weir.config.LimitsConfig;
import weir.config.ProxyProtocol;

/** Counts an accepted connection and sets it on its way. Called on the event loop of the connection. */
@ChannelHandler.Sharable
final class ClientInitializer extends ChannelInitializer<Channel> {
    private final Listeners listeners;
    private final Address address;
    private volatile ListenerSettings known;

    ClientInitializer(Listeners listeners, ListenerSettings known) {
        this.listeners = listeners;
        this.address = known.config().address();
        this.known = known;
    }

    @Override
    protected void initChannel(Channel channel) {
        Listeners.Settings settings = listeners.settings();
        LimitsConfig limits = settings.limits();
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)
                || !(channel.localAddress() instanceof InetSocketAddress local)) {
            channel.close(); // it was reset before it was accepted
            return;
        }
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
        if (!listeners.connections().enter(from, limits.connections(), perAddress)) {
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
