/**
 * The PROXY protocol, versions 1 and 2: the client's address ahead of a connection's first byte, read from proxies in
 * front and written to backends. Source: haproxy.org, proxy-protocol.txt. Confined to one event loop.
 */
@NullMarked
package weir.proxyprotocol;

import org.jspecify.annotations.NullMarked;
