package weir.listener;

import weir.proxy.Proxy;
import weir.tcp.TcpProxy;

/** Where the connections of listeners go, by their protocol. Thread-safe. */
public record Destinations(Proxy http, TcpProxy tcp) {}
