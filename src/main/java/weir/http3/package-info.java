/**
 * Data plane: HTTP/3 (RFC 9114) over QUIC (RFC 9000), on Netty's codecs. A listener opens the sockets; each request
 * stream is a {@link weir.http.ClientStream}. Confined to one event loop unless a class says otherwise.
 */
@NullMarked
package weir.http3;

import org.jspecify.annotations.NullMarked;
