package weir.proxyprotocol;

import io.netty.buffer.ByteBuf;
import weir.config.ProxyProtocol;

/**
 * Reads the PROXY header that a connection begins with. It is strict: what the specification does not allow is refused,
 * and so is a header of a version that is not asked for. Nothing behind the header is touched. Confined to one event
 * loop.
 */
final class ProxyHeaderParser {
    /** The longest header of version 1, its line end included (section 2.1). */
    static final int LONGEST_V1 = 107;

    private static final byte[] V1_START = {'P', 'R', 'O', 'X', 'Y', ' '};

    private final boolean v1;
    private final boolean v2;
    private ProxyHeader header = ProxyHeader.NOBODY;

    /** How far a header is read. */
    enum Progress {
        MORE,
        DONE,
        INVALID
    }

    /** A parser for the versions that a listener takes. */
    ProxyHeaderParser(ProxyProtocol accepted) {
        v1 = accepted == ProxyProtocol.V1 || accepted == ProxyProtocol.ANY;
        v2 = accepted == ProxyProtocol.V2 || accepted == ProxyProtocol.ANY;
    }

    /**
     * Reads the header from the buffer's first byte on. Until it is {@link Progress#DONE} the buffer stays as it is, to
     * be given again with more; then its reader index is behind the header.
     */
    Progress parse(ByteBuf in) {
        if (!in.isReadable()) {
            return Progress.MORE;
        }
        boolean text = in.getByte(in.readerIndex()) == V1_START[0];
        if (text ? !v1 : !v2) {
            return Progress.INVALID;
        }
        return text ? parseText(in) : parseBinary(in);
    }

    /** The header, when it is done. */
    ProxyHeader header() {
        return header;
    }

    private Progress parseText(ByteBuf in) {
        if (!startsWith(in, V1_START)) {
            return Progress.INVALID;
        }
        int length = Math.min(in.readableBytes(), LONGEST_V1);
        int end = in.indexOf(in.readerIndex(), in.readerIndex() + length, (byte) '\r');
        int lineEnd = end < 0 ? length : end - in.readerIndex();
        if (end < 0 || lineEnd + 1 == length) {
            return length == LONGEST_V1 || !isPrintable(in, lineEnd) ? Progress.INVALID : Progress.MORE;
        }
        if (in.getByte(end + 1) != '\n' || !isPrintable(in, lineEnd)) {
            return Progress.INVALID;
        }
        byte[] line = new byte[lineEnd];
        in.getBytes(in.readerIndex(), line);
        ProxyHeader read = TextHeader.read(line);
        if (read == null) {
            return Progress.INVALID;
        }
        header = read;
        in.skipBytes(lineEnd + 2);
        return Progress.DONE;
    }

    private static boolean isPrintable(ByteBuf in, int length) {
        for (int i = in.readerIndex(), end = i + length; i < end; i++) {
            if (in.getByte(i) < ' ' || in.getByte(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private Progress parseBinary(ByteBuf in) {
        if (!startsWith(in, BinaryHeader.SIGNATURE)) {
            return Progress.INVALID;
        }
        if (in.readableBytes() < BinaryHeader.FIXED_LENGTH) {
            return Progress.MORE;
        }
        int start = in.readerIndex();
        int length = in.getUnsignedShort(start + BinaryHeader.FIXED_LENGTH - 2);
        if (!BinaryHeader.isPossible(in, length)) {
            return Progress.INVALID;
        }
        if (in.readableBytes() < BinaryHeader.FIXED_LENGTH + length) {
            return Progress.MORE;
        }
        ProxyHeader read = BinaryHeader.read(in, length);
        if (read == null) {
            return Progress.INVALID;
        }
        header = read;
        in.skipBytes(BinaryHeader.FIXED_LENGTH + length);
        return Progress.DONE;
    }

    /** Whether what there is agrees with how a header starts. */
    private static boolean startsWith(ByteBuf in, byte[] start) {
        for (int i = 0, n = Math.min(start.length, in.readableBytes()); i < n; i++) {
            if (in.getByte(in.readerIndex() + i) != start[i]) {
                return false;
            }
        }
        return true;
    }
}
