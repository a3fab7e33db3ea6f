package weir.proxyprotocol;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a PROXY header says of a connection. Immutable.
 *
 * @param source who the client is; null when the header names nobody, and the socket's own addresses hold
 * @param destination where the client connected to; null together with {@code source}
 */
public record ProxyHeader(
        @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination) {
    /** A header that names nobody: {@code LOCAL}, {@code UNKNOWN}, or a kind of address that is no client of TCP. */
    public static final ProxyHeader NOBODY = new ProxyHeader(null, null);
}
