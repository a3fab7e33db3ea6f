package weir.connection;

import weir.config.ProxyProtocol;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Protocol;
import weir.service.Endpoint;

/** Where a connection leads, and what its service says of it. Immutable. */
public record Destination(ServiceConfig service, Endpoint endpoint) {
    /** Whether the two sides speak to each other before the first request: TLS, and the settings of HTTP/2. */
    public boolean handshakes() {
        return service.wire().protocol() != Protocol.HTTP;
    }

    /** Whether a connection begins with a PROXY header, and so belongs to the client that it names. */
    public boolean namesClient() {
        return service.wire().proxyProtocol() != ProxyProtocol.OFF;
    }

    /** Whether a connection carries several requests at the same time. */
    public boolean multiplexes() {
        return service.wire().protocol().http2();
    }
}
