package weir.config;

/**
 * The PROXY protocol (haproxy.org, proxy-protocol.txt): the client's address ahead of a connection's first byte.
 * {@code ANY} takes either version and is for listeners only.
 */
public enum ProxyProtocol {
    OFF,
    V1,
    V2,
    ANY
}
