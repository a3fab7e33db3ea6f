package weir.tcp;

import io.netty.channel.Channel;

/**
 * The two directions of a session that has a backend. Confined to one event loop.
 *
 * @param up from the client to the backend
 * @param down from the backend to the client
 */
record Relay(Direction up, Direction down) {
    /** The connection to the backend. */
    Channel backend() {
        return down.from();
    }
}
