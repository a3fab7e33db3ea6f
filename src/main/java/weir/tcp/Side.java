package weir.tcp;

import io.netty.buffer.ByteBuf;

/** What happens on one of the two connections of a session. Confined to one event loop. */
interface Side {
    /** Bytes came; takes the buffer over. */
    void read(ByteBuf data);

    /** All is read that was at hand. */
    void readComplete();

    /** The connection takes more again, or no more for now. */
    void writabilityChanged();

    /** Nothing more comes; said once or more. */
    void ended();

    /** TLS ended in both directions: nothing more comes, and nothing more is taken. */
    void endedBothWays();

    /** The connection is closed. */
    void closed();

    /** The connection is broken, or a bug showed. */
    void failed(Throwable cause);
}
