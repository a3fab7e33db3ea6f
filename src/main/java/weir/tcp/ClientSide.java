package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import weir.proxy.ProxyError;

/**
 * The client's side of a session. Until there is a backend it keeps what comes, and finds the server name in it where
 * that decides. Confined to one event loop.
 */
final class ClientSide implements Side {
    private final Session session;
    private final ByteBufAllocator buffers;
    private final HelloRecords hello = new HelloRecords();
    private final HeldBytes held = new HeldBytes();
    private boolean ended;
    private boolean closed;

    ClientSide(Session session, ByteBufAllocator buffers) {
        this.session = session;
        this.buffers = buffers;
    }

    @Override
    public void read(ByteBuf data) {
        Relay relay = session.relay();
        if (relay != null) {
            relay.up().read(data);
        } else if (session.over()) {
            data.release();
        } else {
            held.add(data, buffers);
            if (session.naming() && hello.read(held.all())) {
                session.named(hello.serverName());
            }
        }
    }

    /** There is a backend: it gets what was kept. */
    void connected(Direction up) {
        ByteBuf first = held.take();
        if (first != null) {
            up.read(first);
        }
    }

    @Override
    public void readComplete() {
        Relay relay = session.relay();
        if (relay != null) {
            session.touch();
            relay.up().readComplete();
        }
    }

    @Override
    public void writabilityChanged() {
        Relay relay = session.relay();
        if (relay != null) {
            relay.down().writabilityChanged();
        }
    }

    @Override
    public void ended() {
        if (ended) {
            return;
        }
        ended = true;
        Relay relay = session.relay();
        if (relay != null) {
            relay.up().end();
        } else if (session.naming()) {
            if (held.isEmpty()) {
                session.fail(ProxyError.CLIENT_GONE);
            } else {
                session.named(null);
            }
        }
    }

    @Override
    public void endedBothWays() {
        closed();
    }

    /** Closed without a failure, TLS ended it in both directions: what the client did say is the backend's. */
    @Override
    public void closed() {
        Relay relay = session.relay();
        if (relay == null) {
            session.clientGone();
            return;
        }
        closed = true;
        relay.down().breakOff();
        relay.up().end();
        session.directionDone();
    }

    @Override
    public void failed(Throwable cause) {
        if (cause instanceof IOException) {
            session.clientGone();
        } else {
            session.broke(cause);
        }
    }

    /** Whether the client sends no more. */
    boolean hasEnded() {
        return ended;
    }

    /** Whether the client takes no more, either. */
    boolean isClosed() {
        return closed;
    }

    /** Bytes kept until there is a backend. */
    int heldBytes() {
        return held.isEmpty() ? 0 : held.all().readableBytes();
    }

    /** Lets go of what was kept. */
    void release() {
        held.release();
    }
}
