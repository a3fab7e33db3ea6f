package weir.connection;

import io.netty.channel.Channel;
import weir.http.BackendConnection;

/** Makes a fresh channel speak what a backend speaks. Confined to one event loop. */
@FunctionalInterface
public interface BackendProtocol {
    /** Adds the handlers to the channel's pipeline; {@code owner} is told of the connection's fate. */
    BackendConnection install(Channel channel, BackendConnection.Owner owner);
}
