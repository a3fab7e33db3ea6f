package weir.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import weir.config.Address;
import weir.config.FailureText;
import weir.config.ListenerConfig;

/**
 * The sockets of one listener: one for each event loop where the transport shares ports, so that a connection is
 * accepted on the loop that serves it. The listener is its address: settings may change while the sockets stay.
 * Confined to the control thread.
 */
final class Listener {
    private static final long LONGEST_CLOSE_MILLIS = 6_000;

    private final Address address;
    private final List<Channel> sockets = new ArrayList<>();

    private Listener(Address address) {
        this.address = address;
    }

    /**
     * Binds.
     *
     * @throws IOException with one clear line when the address cannot be had
     */
    static Listener bind(ListenerConfig config, Transport transport, EventLoops loops, Acceptor acceptor)
            throws IOException {
        Listener listener = new Listener(config.address());
        InetSocketAddress at = socketAddress(config);
        try {
            int shares = transport.reusePort() ? loops.count() : 1;
            if (transport.reusePort()) {
                at = alone(at);
            }
            for (int i = 0; i < shares; i++) {
                Channel socket = listener.bind(transport, loops, i, at, acceptor);
                listener.sockets.add(socket);
                at = new InetSocketAddress(at.getAddress(), port(socket));
            }
            return listener;
        } catch (IOException | IllegalArgumentException | ChannelException e) {
            listener.close();
            throw new IOException(
                    "listener " + config.name() + ": cannot listen on " + config.address() + ": " + FailureText.of(e),
                    e);
        } catch (RuntimeException | Error e) {
            listener.close();
            throw e;
        }
    }

    /**
     * The address, with a port if it had none, when nobody else has it: a second process would join the group of a
     * shared port in silence. Not by listening, for whoever connects meanwhile would be reset.
     */
    private static InetSocketAddress alone(InetSocketAddress at) throws IOException {
        try (SocketChannel probe = SocketChannel.open()) {
            probe.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(at);
            return new InetSocketAddress(at.getAddress(), probe.socket().getLocalPort());
        }
    }

    private Channel bind(Transport transport, EventLoops loops, int loop, InetSocketAddress at, Acceptor acceptor)
            throws IOException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loops.group(loop))
                .channelFactory(transport.servers())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .handler(acceptor);
        if (transport.reusePort()) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        ChannelFuture bound = bootstrap.bind(at).awaitUninterruptibly();
        if (bound.isSuccess()) {
            return bound.channel();
        }
        Throwable cause = bound.cause();
        throw cause instanceof IOException e ? e : new IOException(cause);
    }

    static InetSocketAddress socketAddress(ListenerConfig config) throws IOException {
        Address address = config.address();
        InetSocketAddress at = address.host().isEmpty()
                ? new InetSocketAddress(address.port())
                : new InetSocketAddress(address.host(), address.port());
        if (at.isUnresolved()) {
            throw new IOException("listener " + config.name() + ": unknown host " + address.host());
        }
        return at;
    }

    private static int port(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    Address address() {
        return address;
    }

    /** The port in use; the kernel's choice where the configuration says 0. */
    int port() {
        return port(sockets.get(0));
    }

    /** Accepts what is queued, then closes. */
    void close() {
        close(List.of(this));
    }

    /**
     * Accepts what is queued at all of these, then closes them, at the same time.
     *
     * @return what kept new connections away meanwhile
     */
    static AcceptGuard close(Collection<Listener> listeners) {
        List<Channel> sockets = listeners.stream()
                .flatMap(listener -> listener.sockets.stream())
                .toList();
        AcceptGuard guard = AcceptGuard.on(sockets);
        sockets.forEach(socket -> LastAccepts.close(socket, guard));
        for (Channel socket : sockets) {
            socket.closeFuture().awaitUninterruptibly(LONGEST_CLOSE_MILLIS);
        }
        return guard;
    }
}
