package weir.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.config.ProxyProtocol;

/** Makes the header that a connection to a backend begins with. */
public final class ProxyHeaderWriter {
    private static final int LONGEST = Math.max(ProxyHeaderParser.LONGEST_V1, BinaryHeader.FIXED_LENGTH + 36);

    private ProxyHeaderWriter() {}

    /**
     * A header in a buffer of its own. Where one address is IPv4 and the other IPv6, both are IPv6.
     *
     * @param version 1 or 2
     * @param source the client; null for a connection of Weir's own ({@code UNKNOWN}, {@code LOCAL})
     * @param destination where the client connected to; null together with {@code source}
     */
    public static ByteBuf write(
            ByteBufAllocator allocator,
            ProxyProtocol version,
            @Nullable InetSocketAddress source,
            @Nullable InetSocketAddress destination) {
        InetAddress from = source == null ? null : source.getAddress();
        InetAddress to = destination == null ? null : destination.getAddress();
        int fromPort = source == null ? 0 : source.getPort();
        int toPort = destination == null ? 0 : destination.getPort();
        return switch (version) {
            case V1 -> {
                byte[] line = TextHeader.write(from, fromPort, to, toPort);
                yield allocator.directBuffer(line.length).writeBytes(line);
            }
            case V2 -> {
                ByteBuf out = allocator.directBuffer(LONGEST);
                BinaryHeader.write(out, from, fromPort, to, toPort);
                yield out;
            }
            case OFF, ANY -> throw new IllegalArgumentException("no version to send: " + version);
        };
    }
}
