package weir.listener;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import weir.http.MessageError;
import weir.loop.ConnectionGuard;
import weir.proxy.ProxyError;
import weir.proxyprotocol.ProxyHeader;
import weir.proxyprotocol.ProxyHeaderHandler;

/**
 * Takes a proxy's word on who its client is: from here on that address stands in the place of the peer. Confined to one
 * event loop.
 */
final class ProxyArrival implements ProxyHeaderHandler.Receiver {
    private final ClientConnection connection;
    private final InetSocketAddress peer;
    private final InetSocketAddress local;

    private ProxyArrival(ClientConnection connection, InetSocketAddress peer, InetSocketAddress local) {
        this.connection = connection;
        this.peer = peer;
        this.local = local;
    }

    /** Whether that peer may say who its client is; a no is counted and logged. */
    static boolean trusts(ClientConnection connection, InetSocketAddress peer) {
        boolean trusted = connection
                .listeners()
                .destinations()
                .http()
                .routing()
                .forwarding()
                .trusts(peer);
        if (!trusted) {
            connection.listeners().refusals().refused(connection, peer, ProxyError.UNTRUSTED_PROXY.code());
        }
        return trusted;
    }

    /** Waits for the header of a connection that is counted in, but not yet for its client's address. */
    static void install(ClientConnection connection, InetSocketAddress peer, InetSocketAddress local) {
        ConnectionGuard.add(
                connection.channel(),
                new ProxyHeaderHandler(
                        connection.listener().config().proxyProtocol(),
                        connection.loop().tick().clients(),
                        connection.settings().limits().headerTimeout().toNanos(),
                        new ProxyArrival(connection, peer, local)));
    }

    @Override
    public void named(Channel channel, ProxyHeader header) {
        InetSocketAddress source = header.source();
        InetSocketAddress destination = header.destination();
        if (source == null || destination == null) {
            connection.begin(peer, local);
        } else if (entersAddress(channel, source.getAddress())) {
            connection.begin(source, destination);
        }
    }

    private boolean entersAddress(Channel channel, InetAddress client) {
        int limit = connection.settings().limits().connectionsPerAddress();
        ConnectionLimits limits = connection.listeners().connections();
        if (!limits.enterAddress(client, limit)) {
            connection.listeners().refused();
            channel.close();
            return false;
        }
        channel.closeFuture().addListener(done -> limits.leaveAddress(client, limit));
        return true;
    }

    @Override
    public void refused(Channel channel, ProxyHeaderHandler.Refusal why) {
        String code = switch (why) {
            case MALFORMED -> ProxyError.BAD_PROXY_HEADER.code();
            case LATE -> MessageError.HEADER_TIMEOUT.code();
        };
        connection.listeners().refusals().refused(connection, peer, code);
    }
}
