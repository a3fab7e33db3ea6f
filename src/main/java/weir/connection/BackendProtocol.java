package weir.connection;

import io.netty.channel.Channel;
import weir.http.BackendConnection;

/** Makes a fresh channel speak what a backend speaks. Confined to one event loop. */
@FunctionalInterface
public interface BackendProtocol {
    /**
     * Adds the handlers to the channel's pipeline; {@code owner} is told of the connection's fate. Where the
     * destination {@linkplain Destination#handshakes() asks for it}, {@code handshake} is told when the first request
     * may be sent.
     */
    BackendConnection install(
            Channel channel, Destination to, BackendConnection.Owner owner, BackendConnection.Handshake handshake);
}
