package weir.http3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Leads packets to the event loop that has their connection. The kernel spreads packets over the sockets of a shared
 * port by the addresses, so a client that moves to another network, or is given another port by its router, arrives at
 * another loop; its connection id ({@link LoopConnectionIds}) tells the right one. What one loop may leave for another
 * is bounded: whoever makes up ids loses packets, not our memory. One for each socket; confined to its event loop but
 * for {@link #take}.
 */
final class PacketRouter extends ChannelInboundHandlerAdapter {
    private static final int MOST_WAITING = 1024;

    private final int number;
    private final AtomicReferenceArray<@Nullable PacketRouter> all;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable ChannelHandlerContext context;

    /** The router of socket number {@code number}, which enters itself in {@code all} while it has its socket. */
    PacketRouter(int number, AtomicReferenceArray<@Nullable PacketRouter> all) {
        this.number = number;
        this.all = all;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        all.set(number, this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        all.set(number, null);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        int owner = owner(packet.content());
        if (owner == number) {
            ctx.fireChannelRead(packet);
            return;
        }
        PacketRouter other = all.get(owner);
        if (other == null) {
            packet.release();
        } else {
            other.take(packet);
        }
    }

    /** Only packets with a short header (RFC 9000 section 17.3) come after the server has named the connection. */
    private int owner(ByteBuf packet) {
        int start = packet.readerIndex();
        if (packet.readableBytes() <= LoopConnectionIds.LENGTH || packet.getByte(start) < 0) {
            return number;
        }
        int owner = LoopConnectionIds.number(packet.getByte(start + 1), packet.getByte(start + 2));
        return owner < all.length() ? owner : number;
    }

    /** Takes a packet over from another loop. Any thread. */
    private void take(DatagramPacket packet) {
        ChannelHandlerContext to = context;
        boolean taken = false;
        if (to != null && waiting.incrementAndGet() <= MOST_WAITING) {
            try {
                to.executor().execute(() -> deliver(to, packet));
                taken = true;
            } catch (RejectedExecutionException stopped) {
                // The process ends.
            }
        }
        if (!taken) {
            if (to != null) {
                waiting.decrementAndGet();
            }
            packet.release();
        }
    }

    private void deliver(ChannelHandlerContext to, DatagramPacket packet) {
        waiting.decrementAndGet();
        if (to.isRemoved()) {
            packet.release();
            return;
        }
        to.fireChannelRead(packet);
        to.fireChannelReadComplete();
    }
}
