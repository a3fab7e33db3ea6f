package weir;

import io.netty.channel.Channel;
import java.util.function.IntSupplier;
import weir.connection.BackendProtocol;
import weir.connection.Destination;
import weir.connection.ResetWatch;
import weir.connection.ResetWatchHandler;
import weir.http.BackendConnection;
import weir.http.HeadPool;
import weir.http.Tick;
import weir.http1.Http1BackendHandler;
import weir.http2.Http2BackendHandler;
import weir.loop.ConnectionGuard;
import weir.tls.BackendContexts;

/**
 * Has a connection to a backend speak what its service says. Confined to one event loop.
 *
 * @param responseHeadLimit the most bytes of a response's head, for connections made from now on
 */
record BackendProtocols(
        HeadPool heads, Tick tick, BackendContexts tls, IntSupplier responseHeadLimit, ConnectionGuard guard)
        implements BackendProtocol {
    @Override
    public BackendConnection install(
            Channel channel, Destination to, BackendConnection.Owner owner, BackendConnection.Handshake handshake) {
        guard.install(channel);
        boolean secure = to.service().wire().protocol().secure();
        if (secure || to.multiplexes()) {
            ResetWatchHandler.install(channel, tick);
        }
        if (secure) {
            tls.install(
                    channel,
                    to.service().name(),
                    to.endpoint().host(),
                    to.endpoint().socketAddress().getPort(),
                    handshake,
                    !to.multiplexes());
        }
        int limit = responseHeadLimit.getAsInt();
        if (to.multiplexes()) {
            Http2BackendHandler handler = new Http2BackendHandler(owner, handshake, heads, limit, secure);
            ConnectionGuard.add(channel, handler);
            return handler;
        }
        ResetWatch watch = secure ? null : ResetWatch.of(channel, tick);
        Http1BackendHandler handler = new Http1BackendHandler(owner, heads, limit, watch);
        ConnectionGuard.add(channel, handler);
        return handler;
    }
}
