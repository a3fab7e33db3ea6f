package weir.loop;

import io.netty.channel.Channel;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells a peer that takes nothing from one that reads slowly: the kernel may hold megabytes for that one, so that no write
 * is possible for a minute although it acknowledges bytes all the time. The kernel is asked only when a silence has
 * lasted for an eighth of its limit, and when it has reached it. Confined to one event loop.
 */
public final class SlowPeer {
    /** What {@link #acknowledged} says when nothing is on its way to the peer, or nobody can tell (NIO). */
    public static final long NOTHING = -1;

    /** A silence is looked at when it has lasted for this part of its limit. */
    private static final int EARLY = 8;

    // Of netinet/tcp.h and linux/tcp.h, struct tcp_info.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int UNACKED = 24;
    private static final int BYTES_ACKED = 120;
    private static final int NOTSENT_BYTES = 144;
    private static final int INFO_BYTES = 148;
    private static final RawUnixChannelOption INFO =
            new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, INFO_BYTES);

    private long noted = Long.MIN_VALUE;
    private long acknowledged;

    /** Whether {@link #silentSince} is to be called with what was acknowledged by now. */
    public boolean asks(long now, long since, long limit) {
        long silent = now - since;
        return limit > 0 && (silent >= limit || silent >= limit / EARLY && noted != since);
    }

    /**
     * Since when the silence lasts that began at {@code since}: {@code now} when it has reached its limit and the peer has
     * acknowledged bytes meanwhile.
     */
    public long silentSince(long now, long since, long limit, long acknowledgedNow) {
        boolean progress = noted == since && acknowledged != acknowledgedNow && now - since >= limit;
        acknowledged = acknowledgedNow;
        noted = progress ? now : since;
        return noted;
    }

    /**
     * Bytes that the peer has acknowledged since the connection began, while there are any that it has not; else
     * {@link #NOTHING}. A system call.
     */
    public static long acknowledged(Channel channel) {
        if (!(channel instanceof UnixChannel) || !channel.isActive()) {
            return NOTHING;
        }
        try {
            ByteBuffer info = channel.config().getOption(INFO);
            if (info == null || info.remaining() < INFO_BYTES) {
                return NOTHING;
            }
            info.order(ByteOrder.nativeOrder());
            int start = info.position();
            boolean waits = info.getInt(start + UNACKED) != 0 || info.getInt(start + NOTSENT_BYTES) != 0;
            return waits ? info.getLong(start + BYTES_ACKED) : NOTHING;
        } catch (RuntimeException noSuchOption) {
            return NOTHING; // no TCP, or the connection has just closed
        }
    }
}
