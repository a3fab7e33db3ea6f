package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.config.Address;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http.ConnectionFacts;
import weir.http.RequestHandler;
import weir.http1.Http1ClientHandler;
import weir.metrics.LoopCounter;
import weir.proxy.Loop;
import weir.proxy.Proxy;

/** Makes an accepted connection speak HTTP/1.1 to the proxy. Called on the event loop of the connection. */
@ChannelHandler.Sharable
final class ClientInitializer extends ChannelInitializer<Channel> {
    private final Listeners listeners;
    private final Address address;
    private volatile String acceptedName = "";
    private volatile @Nullable LoopCounter accepted;

    /** Makes the initializer of the listener at an address. */
    @FunctionalInterface
    interface Factory {
        ClientInitializer create(Address address);
    }

    ClientInitializer(Listeners listeners, Address address) {
        this.listeners = listeners;
        this.address = address;
    }

    @Override
    protected void initChannel(Channel channel) {
        Listeners.Settings settings = listeners.settings();
        LimitsConfig limits = settings.limits();
        int perAddress = limits.connectionsPerAddress();
        if (!(channel.remoteAddress() instanceof InetSocketAddress peer)) {
            channel.close(); // it was reset before it was accepted
            return;
        }
        InetAddress from = peer.getAddress();
        if (!listeners.connections().enter(from, limits.connections(), perAddress)) {
            listeners.refused();
            channel.close();
            return;
        }
        channel.closeFuture().addListener(done -> listeners.connections().leave(from, perAddress));
        Loop loop = listeners.loopOf(channel.eventLoop());
        Proxy proxy = listeners.proxy();
        String name = settings.name(address);
        accepted(name).increment(loop.index());
        ListenerConfig listener = settings.listener(address);
        if (listener != null && listener.protocol() == ListenerConfig.Protocol.TCP) {
            ConnectionFacts facts = new ConnectionFacts(peer, (InetSocketAddress) channel.localAddress(), null);
            listeners
                    .tcp()
                    .begin(
                            channel,
                            facts,
                            listener,
                            loop,
                            limits.headerTimeout().toNanos());
            return;
        }
        RequestHandler handler = proxy.handler(name, loop);
        channel.pipeline()
                .addLast(new Http1ClientHandler(
                        handler, loop.heads(), loop.tick(), settings.http1(), listeners::draining));
    }

    private LoopCounter accepted(String name) {
        LoopCounter counter = accepted;
        if (counter == null || !name.equals(acceptedName)) {
            counter = listeners.accepted(name);
            acceptedName = name;
            accepted = counter;
        }
        return counter;
    }
}
