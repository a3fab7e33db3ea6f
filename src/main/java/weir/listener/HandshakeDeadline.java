package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import weir.http.IdleClient;
import weir.http.Tick;

/**
 * Closes a connection whose TLS handshake takes too long, without a word, as nothing was said that could be answered. On the
 * clock for waits on clients, which Netty's own timer does not know. Confined to one event loop.
 */
final class HandshakeDeadline implements IdleClient {
    private final Channel channel;
    private final Tick tick;
    private final long limitNanos;
    private long since;
    private int tickPlace = -1;

    /** 0 for no limit. */
    HandshakeDeadline(Channel channel, Tick tick, long limitNanos) {
        this.channel = channel;
        this.tick = tick;
        this.limitNanos = limitNanos;
    }

    void begin() {
        since = tick.exactly();
        tick.join(this);
    }

    void end() {
        tick.leave(this);
    }

    @Override
    public void tick(long nowNanos) {
        if (limitNanos > 0 && nowNanos - since >= limitNanos) {
            evict();
        }
    }

    @Override
    public long idleSince() {
        return since;
    }

    @Override
    public void evict() {
        tick.leave(this);
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close(); // not through TLS, which would wait for its last words to be taken
        }
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
