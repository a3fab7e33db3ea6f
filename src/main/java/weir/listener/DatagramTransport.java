package weir.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import java.net.InetSocketAddress;

/**
 * UDP sockets of a {@link Transport}, set up for QUIC: several packets for one system call where the kernel can (GSO
 * outwards, recvmmsg inwards under epoll). Immutable.
 */
record DatagramTransport(
        ChannelFactory<? extends DatagramChannel> sockets, SegmentedDatagramPacketAllocator segments, int received) {
    /** Room for a packet; we announce that we take none above 1500 bytes. */
    private static final int PACKET = 2048;

    private static final int RECEIVED_AT_ONCE = 16;
    private static final int MOST_SEGMENTS = 16;

    /** What the kernel may hold for us, if its own limit allows: the packets of a pause of the loop. */
    private static final int KERNEL_BUFFER = 2 * 1024 * 1024;

    static DatagramTransport of(Transport transport) {
        return switch (transport.name()) {
            case "io_uring" ->
                new DatagramTransport(
                        IoUringDatagramChannel::new,
                        segments(IoUringDatagramChannel.isSegmentedDatagramPacketSupported()),
                        1);
            case "epoll" ->
                new DatagramTransport(
                        EpollDatagramChannel::new,
                        segments(EpollDatagramChannel.isSegmentedDatagramPacketSupported()),
                        RECEIVED_AT_ONCE);
            default -> new DatagramTransport(NioDatagramChannel::new, SegmentedDatagramPacketAllocator.NONE, 1);
        };
    }

    private static SegmentedDatagramPacketAllocator segments(boolean supported) {
        return supported ? new Segments() : SegmentedDatagramPacketAllocator.NONE;
    }

    /** A bootstrap without handler, loop and address. */
    Bootstrap bootstrap() {
        Bootstrap bootstrap = new Bootstrap()
                .channelFactory(sockets)
                .option(ChannelOption.SO_RCVBUF, KERNEL_BUFFER)
                .option(ChannelOption.SO_SNDBUF, KERNEL_BUFFER)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(PACKET * received).maxMessagesPerRead(64));
        return received == 1 ? bootstrap : bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET);
    }

    private static final class Segments implements SegmentedDatagramPacketAllocator {
        @Override
        public int maxNumSegments() {
            return MOST_SEGMENTS;
        }

        @Override
        public DatagramPacket newPacket(ByteBuf buffer, int segmentSize, InetSocketAddress to) {
            return new SegmentedDatagramPacket(buffer, segmentSize, to);
        }
    }
}
