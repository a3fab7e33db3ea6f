package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.IOException;

/** The backend's side of a session. Confined to one event loop. */
final class BackendSide implements Side {
    private final Session session;

    BackendSide(Session session) {
        this.session = session;
    }

    @Override
    public void read(ByteBuf data) {
        Relay relay = session.relay();
        if (relay == null) {
            data.release();
            return;
        }
        if (relay.down().bytes() == 0) {
            session.responded();
        }
        relay.down().read(data);
    }

    @Override
    public void readComplete() {
        Relay relay = session.relay();
        if (relay != null) {
            session.touch();
            relay.down().readComplete();
        }
    }

    @Override
    public void writabilityChanged() {
        Relay relay = session.relay();
        if (relay != null) {
            relay.up().writabilityChanged();
        }
    }

    @Override
    public void ended() {
        Relay relay = session.relay();
        if (relay != null) {
            relay.down().end();
        }
    }

    /** What the client still says is let go. */
    @Override
    public void endedBothWays() {
        Relay relay = session.relay();
        if (relay != null) {
            relay.up().discard();
            relay.down().end();
        }
    }

    @Override
    public void closed() {
        session.backendGone();
    }

    @Override
    public void failed(Throwable cause) {
        Relay relay = session.relay();
        if (relay != null
                && cause instanceof ChannelOutputShutdownException
                && !relay.down().ended()) {
            relay.up().breakOff(); // it takes no more, but what it said may still be read
        } else if (cause instanceof IOException) {
            session.backendGone();
        } else {
            session.broke(cause);
        }
    }
}
