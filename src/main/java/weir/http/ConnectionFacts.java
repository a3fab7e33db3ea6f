package weir.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client's connection before its first request. Immutable.
 *
 * @param peer the TCP peer, or whom the PROXY protocol names
 * @param local the address the client connected to, or that the PROXY protocol names
 * @param tls null in the clear
 */
public record ConnectionFacts(
        InetSocketAddress peer,
        InetSocketAddress local,
        @Nullable TlsFacts tls) {}
