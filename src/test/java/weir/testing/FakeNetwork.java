package weir.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import weir.connection.Connector;
import weir.http.BackendConnection;
import weir.http.HeadPool;
import weir.loop.Relief;
import weir.metrics.Metrics;

/**
 * One event loop whose time stands still, and a network on which a test says how connecting ends. What is spoken there
 * is no HTTP/1.1: each connection carries up to {@link #streams} streams at a time. Confined to the test's thread.
 */
public final class FakeNetwork implements ChannelFactory<Channel> {
    public final EmbeddedChannel clock = new EmbeddedChannel();
    public final HeadPool heads;
    public final Violations violations;
    public final List<FakeChannel> channels = new ArrayList<>();
    public final List<MuxBackend> backends = new ArrayList<>();
    /** What to tell how the handshake ends, of each connection, where there is one. */
    public final List<BackendConnection.Handshake> handshakes = new ArrayList<>();
    /** Streams that a connection made from now on carries at a time. */
    public int streams = 1;

    /** Whether there is no file descriptor for another channel. */
    public boolean exhausted;

    public FakeNetwork(HeadPool heads, Violations violations) {
        this.heads = heads;
        this.violations = violations;
        clock.freezeTime();
    }

    /** What frees descriptors; nothing does unless a test joins it. */
    public final Relief relief = new Relief(new Metrics(1));

    /** A connector on this network. */
    public Connector connector() {
        return new Connector(
                clock.eventLoop(),
                ByteBufAllocator.DEFAULT,
                this,
                (channel, to, owner, handshake) -> {
                    handshakes.add(handshake);
                    return install(channel, owner);
                },
                relief);
    }

    private BackendConnection install(Channel channel, BackendConnection.Owner owner) {
        MuxBackend made = new MuxBackend(this, channel, owner, streams);
        backends.add(made);
        return made;
    }

    @Override
    public Channel newChannel() {
        if (exhausted) {
            throw new ChannelException("too many open files");
        }
        FakeChannel made = new FakeChannel();
        channels.add(made);
        return made;
    }

    /** Channels whose connecting has not ended. */
    public List<FakeChannel> connecting() {
        return channels.stream().filter(FakeChannel::connecting).toList();
    }

    /** Lets every connection that is on its way be made. */
    public void connectAll() {
        run();
        connecting().forEach(FakeChannel::succeed);
        run();
    }

    /** Runs the loop's tasks. */
    public void run() {
        clock.runPendingTasks();
    }

    /** Moves the loop's time on. */
    public void advance(long millis) {
        clock.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        run();
    }

    /** Every stream to a backend that has not ended, in the order they were opened. */
    public List<MuxBackendStream> live() {
        return backends.stream().flatMap(b -> b.live().stream()).toList();
    }
}
