package weir.connection;

import io.netty.channel.Channel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import weir.http.ReadWatch;
import weir.http.Tick;

/**
 * Finds connections that a peer has reset without io_uring's channel saying so: the poll tells of a reset once, and
 * when that is before the last bytes are read Netty 4.2.18 forgets it. Nobody reads then, and what is under way lives
 * on until a timeout. So the kernel is asked once for each time a connection falls silent. What it calls closed may have
 * ended in order, or just now, with bytes still on their way: it is closed only when as long passes again in silence.
 *
 * <p>The first handler of a connection tells it of every read, or {@link ResetWatchHandler} ahead of the others.
 * Confined to one event loop.
 */
public final class ResetWatch implements ReadWatch, Tick.Member {
    /** Ticks without a byte after which all that had come is read, however the first of them falls. */
    private static final int SILENT_TICKS = 3;

    /** Of {@code enum tcp_state}, Linux {@code include/net/tcp_states.h}. */
    private static final int TCP_CLOSE = 7;

    private final Channel channel;
    private final BooleanSupplier closedInKernel;
    private final Tick tick;
    private int silentTicks;
    private int tickPlace = -1;

    ResetWatch(Channel channel, BooleanSupplier closedInKernel, Tick tick) {
        this.channel = channel;
        this.closedInKernel = closedInKernel;
        this.tick = tick;
    }

    /** A watch of that connection; null when it is none of io_uring. */
    public static @Nullable ResetWatch of(Channel channel, Tick tick) {
        if (!(channel instanceof IoUringSocketChannel uring)) {
            return null;
        }
        return new ResetWatch(channel, () -> uring.tcpInfo().state() == TCP_CLOSE, tick);
    }

    @Override
    public void read() {
        silentTicks = 0;
        if (tickPlace < 0) {
            tick.join(this);
        }
    }

    @Override
    public void stop() {
        tick.leave(this);
    }

    @Override
    public void tick(long nowNanos) {
        if (!channel.config().isAutoRead()) {
            silentTicks = 0; // there may be bytes before the reset, and they are still somebody's
            return;
        }
        if (++silentTicks < SILENT_TICKS) {
            return;
        }
        if (!channel.isActive() || !closedInKernel.getAsBoolean()) {
            tick.leave(this);
        } else if (silentTicks >= 2 * SILENT_TICKS) {
            tick.leave(this);
            channel.close();
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
