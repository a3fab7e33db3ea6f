package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.metrics.LoopCounter;

/**
 * Looks at what is lost, or left to the kernel, when Weir closes a client's connection. One whose output is stuck is reset,
 * for else the kernel would keep up to some megabytes for a client that reads nothing. What the kernel has queued otherwise
 * it gives up when the client takes nothing of it for some time. Input that nobody has read is counted and logged.
 * Thread-safe.
 */
@ChannelHandler.Sharable
final class ClientCloses extends ChannelOutboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientCloses.class);
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

    // Of asm-generic/socket.h, netinet/tcp.h and linux/sock_diag.h.
    private static final int SOL_SOCKET = 1;
    private static final int SO_MEMINFO = 55;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_USER_TIMEOUT = 18;
    private static final int RECEIVED = 0;
    private static final int QUEUED = 5 * Integer.BYTES;
    private static final int MEMINFO_BYTES = 9 * Integer.BYTES;

    private static final RawUnixChannelOption MEMINFO =
            new RawUnixChannelOption("SO_MEMINFO", SOL_SOCKET, SO_MEMINFO, MEMINFO_BYTES);
    private static final IntegerUnixChannelOption GIVE_UP =
            new IntegerUnixChannelOption("TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT);
    /** Longer than a client that reads slowly lets its window stay shut. */
    private static final int GIVE_UP_MILLIS = 60_000;

    private final LoopCounter unread;
    private final AtomicLong said = new AtomicLong(System.nanoTime() - LOG_NANOS);

    /** Counts connections with unread input there. */
    ClientCloses(LoopCounter unread) {
        this.unread = unread;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        Channel channel = ctx.channel();
        try {
            if (channel.isActive()) {
                look(channel);
            }
        } catch (RuntimeException e) {
            LOG.debug("cannot look at {} before it is closed", channel, e);
        }
        ctx.close(promise);
    }

    private void look(Channel channel) {
        // There is no buffer once the output is shut down; what was sent before may still be on its way, and must
        // arrive.
        ChannelOutboundBuffer output = channel.unsafe().outboundBuffer();
        boolean stuck = output != null && !output.isWritable();
        if (stuck) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        boolean ended = channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
        if (!(channel instanceof UnixChannel) || (stuck && ended)) {
            return;
        }
        ByteBuffer memory = channel.config().getOption(MEMINFO);
        if (memory == null || memory.remaining() < MEMINFO_BYTES) {
            return;
        }
        memory.order(ByteOrder.nativeOrder());
        if (!ended && memory.getInt(memory.position() + RECEIVED) > 0) {
            unread(channel);
        }
        if (!stuck && memory.getInt(memory.position() + QUEUED) > 0) {
            channel.config().setOption(GIVE_UP, GIVE_UP_MILLIS);
        }
    }

    private void unread(Channel channel) {
        unread.inc();
        long now = System.nanoTime();
        long last = said.get();
        if (now - last >= LOG_NANOS && said.compareAndSet(last, now)) {
            LOG.info(
                    "the connection of {} is closed with unread bytes ({} since start)",
                    channel.remoteAddress(),
                    unread.getCount());
        }
    }
}
