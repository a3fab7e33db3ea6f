package weir.proxyprotocol;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The two ends of a client's connection: those of its socket, or those that a PROXY header named. Confined to the
 * connection's event loop. A look-up costs more than a field: ask once for each connection.
 */
public final class ConnectionAddresses {
    private static final AttributeKey<ProxyHeader> HEADER = AttributeKey.valueOf(ConnectionAddresses.class, "header");

    private ConnectionAddresses() {}

    /** Puts the addresses of a header in the place of the socket's own. */
    static void name(Channel channel, ProxyHeader header) {
        if (header.source() != null) {
            channel.attr(HEADER).set(header);
        }
    }

    /** Who is connected. */
    public static InetSocketAddress peer(Channel channel) {
        ProxyHeader header = header(channel);
        return inet(header == null ? channel.remoteAddress() : header.source());
    }

    /** Where the peer connected to. */
    public static InetSocketAddress local(Channel channel) {
        ProxyHeader header = header(channel);
        return inet(header == null ? channel.localAddress() : header.destination());
    }

    private static @Nullable ProxyHeader header(Channel channel) {
        return channel.hasAttr(HEADER) ? channel.attr(HEADER).get() : null;
    }

    private static InetSocketAddress inet(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : new InetSocketAddress(0);
    }
}
