package weir.config;

/**
 * A host and a port as written in the configuration. Immutable.
 *
 * @param host a host name or IP literal without brackets; empty for {@code :8080}, the dual-stack wildcard
 * @param port 0 to 65535; 0 lets the kernel choose (listeners only)
 */
public record Address(String host, int port) {
    /** The form {@code host:port}, IPv6 literals in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
    }
}
