package weir.proxyprotocol;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The block of version 2 (proxy-protocol.txt, section 2.2). */
final class BinaryHeader {
    static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    /** Signature, version and command, family and protocol, length of what follows. */
    static final int FIXED_LENGTH = 16;
    /** Addresses and all TLVs; proxies send some hundred bytes. */
    static final int LONGEST_BODY = 4096;

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int STREAM_V4 = 0x11;
    private static final int STREAM_V6 = 0x21;
    private static final int CHECKSUM = 0x03;
    private static final int[] ADDRESS_BYTES = {0, 12, 36, 216}; // none, IPv4, IPv6, a Unix socket

    private BinaryHeader() {}

    /** Whether the fixed part, at the reader index, begins a header that may be read. */
    static boolean isPossible(ByteBuf in, int length) {
        int command = in.getUnsignedByte(in.readerIndex() + SIGNATURE.length);
        int family = in.getUnsignedByte(in.readerIndex() + SIGNATURE.length + 1);
        if (length > LONGEST_BODY || command != LOCAL && command != PROXY) {
            return false;
        }
        // Of a LOCAL connection the rest is to be skipped, whatever it says.
        return command == LOCAL
                || family >> 4 < ADDRESS_BYTES.length && (family & 15) <= 2 && length >= ADDRESS_BYTES[family >> 4];
    }

    /** Reads a whole header at the reader index; null when it is not allowed. */
    static @Nullable ProxyHeader read(ByteBuf in, int length) {
        int start = in.readerIndex();
        if (in.getByte(start + SIGNATURE.length) == LOCAL) {
            return ProxyHeader.NOBODY;
        }
        int family = in.getUnsignedByte(start + SIGNATURE.length + 1);
        int body = start + FIXED_LENGTH;
        // An unspecified family has no addresses of a known size, so nothing is known to be a TLV either.
        if (family >> 4 != 0 && !hasGoodFields(in, body + ADDRESS_BYTES[family >> 4], body + length)) {
            return null;
        }
        return switch (family) {
            case STREAM_V4 -> addresses(in, body, 4);
            case STREAM_V6 -> addresses(in, body, 16);
            default -> ProxyHeader.NOBODY;
        };
    }

    private static ProxyHeader addresses(ByteBuf in, int at, int bytes) {
        return new ProxyHeader(
                address(in, at, bytes, in.getUnsignedShort(at + 2 * bytes)),
                address(in, at + bytes, bytes, in.getUnsignedShort(at + 2 * bytes + 2)));
    }

    private static InetSocketAddress address(ByteBuf in, int at, int bytes, int port) {
        byte[] address = new byte[bytes];
        in.getBytes(at, address);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + bytes + " bytes", e);
        }
    }

    /** Whether the TLVs fill the rest exactly, and the checksum among them, if there is one, is right. */
    private static boolean hasGoodFields(ByteBuf in, int from, int end) {
        int at = from;
        while (at < end) {
            if (end - at < 3 || end - at - 3 < in.getUnsignedShort(at + 1)) {
                return false;
            }
            int length = in.getUnsignedShort(at + 1);
            if (in.getByte(at) == CHECKSUM && (length != 4 || !isChecksum(in, at + 3, end))) {
                return false;
            }
            at += 3 + length;
        }
        return true;
    }

    /** CRC32c of the whole header, with zeros in the checksum's own place (section 2.2.3). */
    private static boolean isChecksum(ByteBuf in, int at, int end) {
        byte[] header = new byte[end - in.readerIndex()];
        in.getBytes(in.readerIndex(), header);
        int own = at - in.readerIndex();
        header[own] = 0;
        header[own + 1] = 0;
        header[own + 2] = 0;
        header[own + 3] = 0;
        CRC32C sum = new CRC32C();
        sum.update(header);
        return sum.getValue() == in.getUnsignedInt(at);
    }

    /** Writes a header without TLVs. */
    static void write(
            ByteBuf out, @Nullable InetAddress source, int sourcePort, @Nullable InetAddress destination, int port) {
        out.writeBytes(SIGNATURE);
        if (source == null || destination == null) {
            out.writeByte(LOCAL).writeByte(0).writeShort(0);
            return;
        }
        byte[] from = source.getAddress();
        byte[] to = destination.getAddress();
        boolean v6 = from.length == 16 || to.length == 16;
        out.writeByte(PROXY).writeByte(v6 ? STREAM_V6 : STREAM_V4).writeShort(ADDRESS_BYTES[v6 ? 2 : 1]);
        writeAddress(out, from, v6);
        writeAddress(out, to, v6);
        out.writeShort(sourcePort).writeShort(port);
    }

    private static void writeAddress(ByteBuf out, byte[] address, boolean v6) {
        if (v6 && address.length == 4) {
            out.writeZero(10).writeShort(0xffff); // an IPv4-mapped address
        }
        out.writeBytes(address);
    }
}
