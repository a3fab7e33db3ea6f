package weir.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Has the kernel leave the first packets of new connections to a listening socket unanswered, while those that it has
 * queued can still be accepted: else whoever connects between the last accept and the close is reset. Clients send
 * the packet again after a second, and then nobody listens, or somebody else. A classic BPF program attached to the
 * socket (Linux, {@code Documentation/networking/filter.rst}).
 */
final class SynFilter {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;

    // Of linux/bpf_common.h, in the order of the program: load a byte, go on here if a bit is set and skip one if not,
    // drop, pass. The kernel shows such a program a packet from its TCP header on; byte 13 has the flags.
    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_IF_SET = 0x45;
    private static final int RETURN = 0x06;
    private static final int FLAGS = 13;
    private static final int SYN = 0x02;

    private static final int INSTRUCTIONS = 4;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

    private SynFilter() {}

    /**
     * Attaches it to a socket of Linux; any thread.
     *
     * @return whether it is attached
     * @throws ChannelException when the kernel refuses, as since 6.18 without CAP_NET_ADMIN
     */
    static boolean attach(Channel socket) {
        ByteBuf code = Unpooled.directBuffer(INSTRUCTIONS * INSTRUCTION_BYTES);
        try {
            if (!code.hasMemoryAddress()) {
                return false;
            }
            write(code);
            return socket.config()
                    .setOption(
                            new RawUnixChannelOption("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, PROGRAM_BYTES),
                            program(code));
        } finally {
            code.release();
        }
    }

    private static void write(ByteBuf code) {
        instruction(code, LOAD_BYTE, 0, 0, FLAGS);
        instruction(code, JUMP_IF_SET, 0, 1, SYN);
        instruction(code, RETURN, 0, 0, 0);
        instruction(code, RETURN, 0, 0, Integer.MAX_VALUE);
    }

    /** A {@code struct sock_filter}. */
    private static void instruction(ByteBuf to, int code, int ifTrue, int ifFalse, int operand) {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        if (little) {
            to.writeShortLE(code).writeByte(ifTrue).writeByte(ifFalse).writeIntLE(operand);
        } else {
            to.writeShort(code).writeByte(ifTrue).writeByte(ifFalse).writeInt(operand);
        }
    }

    /** A {@code struct sock_fprog} on 64 bits. */
    private static ByteBuffer program(ByteBuf code) {
        return ByteBuffer.allocateDirect(PROGRAM_BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort(0, (short) INSTRUCTIONS)
                .putLong(8, code.memoryAddress());
    }
}
