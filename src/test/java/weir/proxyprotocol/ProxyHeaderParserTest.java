package weir.proxyprotocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ProxyProtocol;
import weir.proxyprotocol.ProxyHeaderParser.Progress;

final class ProxyHeaderParserTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String V4 = SIGNATURE + "2111000cc0000201c0000202dc0401bb";

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] hex(String text) {
        return ByteBufUtil.decodeHexDump(text);
    }

    /** What is made of a header with bytes behind it, however it is cut: MORE for every part, then the same answer. */
    private static String read(byte[] header) {
        byte[] bytes = Arrays.copyOf(header, header.length + 3);
        Arrays.fill(bytes, header.length, bytes.length, (byte) 'x');
        String whole = readWhole(bytes);
        for (int i = 0; i < header.length; i++) {
            ProxyHeaderParser parser = new ProxyHeaderParser(ProxyProtocol.ANY);
            ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, i);
            Progress progress = parser.parse(in);
            assertEquals(0, in.readerIndex());
            if (!whole.equals("INVALID")) {
                assertEquals(Progress.MORE, progress, "after " + i);
            } else {
                assertTrue(progress != Progress.DONE, "after " + i);
            }
        }
        return whole;
    }

    private static String readWhole(byte[] bytes) {
        ProxyHeaderParser parser = new ProxyHeaderParser(ProxyProtocol.ANY);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        Progress progress = parser.parse(in);
        if (progress != Progress.DONE) {
            assertEquals(0, in.readerIndex());
            return progress.toString();
        }
        assertEquals("xxx", in.toString(StandardCharsets.ISO_8859_1));
        return text(parser.header());
    }

    private static String text(ProxyHeader header) {
        InetSocketAddress source = header.source();
        InetSocketAddress destination = header.destination();
        return source == null || destination == null ? "nobody" : text(source) + " to " + text(destination);
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + '/' + address.getPort();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 | 192.0.2.1/56324 to 192.0.2.2/443",
                "PROXY TCP4 255.255.255.255 0.0.0.0 65535 0 | 255.255.255.255/65535 to 0.0.0.0/0",
                "PROXY TCP6 2001:db8::1 ::1 1 2 | 2001:db8:0:0:0:0:0:1/1 to 0:0:0:0:0:0:0:1/2",
                "PROXY TCP6 ffff:f00f:ffff:ffff:ffff:ffff:ffff:ffff ffff:f00f:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"
                        + " | ffff:f00f:ffff:ffff:ffff:ffff:ffff:ffff/65535 to"
                        + " ffff:f00f:ffff:ffff:ffff:ffff:ffff:ffff/65535",
                "PROXY TCP6 ::FFFF:192.0.2.1 ::ffff:192.0.2.2 1 2 | 192.0.2.1/1 to 192.0.2.2/2",
                "PROXY UNKNOWN | nobody",
                "PROXY UNKNOWN ffff:: whatever 1 | nobody"
            })
    void readsVersion1(String line, String expected) {
        assertEquals(expected, read(ascii(line + "\r\n")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\rx",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 \r\n",
                "PROXY TCP4 192.0.2.1  192.0.2.2 56324 443\r\n",
                "PROXY  TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
                " PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
                "proxy TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
                "PROXY tcp4 192.0.2.1 192.0.2.2 56324 443\r\n",
                "PROXY TCP5 192.0.2.1 192.0.2.2 56324 443\r\n",
                "PROXY UDP4 192.0.2.1 192.0.2.2 56324 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 1\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 -1 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 +1 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 01 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2 1 4x3\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.2  443\r\n",
                "PROXY TCP4 192.0.2.01 192.0.2.2 1 443\r\n",
                "PROXY TCP4 192.0.2.256 192.0.2.2 1 443\r\n",
                "PROXY TCP4 192.0.2 192.0.2.2 1 443\r\n",
                "PROXY TCP4 192.0.2.1.1 192.0.2.2 1 443\r\n",
                "PROXY TCP4 localhost 192.0.2.2 1 443\r\n",
                "PROXY TCP4 ::1 ::2 1 443\r\n",
                "PROXY TCP6 192.0.2.1 192.0.2.2 1 443\r\n",
                "PROXY TCP6 [::1] ::2 1 443\r\n",
                "PROXY TCP6 ::1%eth0 ::2 1 443\r\n",
                "PROXY TCP6 :::1 ::2 1 443\r\n",
                "PROXY TCP6 1::2::3 ::2 1 443\r\n",
                "PROXY TCP6 12345::1 ::2 1 443\r\n",
                "PROXY TCP4 192.0.2.1\t192.0.2.2 1 443\r\n",
                "PROXY TCP4 192.0.2.1\0 192.0.2.2 1 443\r\n",
                "PROXY UNKNOWNX\r\n",
                "PROXY\r\n",
                "GET / HTTP/1.1\r\n",
                "\r\n"
            })
    void refusesOtherLines(String line) {
        assertEquals("INVALID", read(ascii(line)));
    }

    @Test
    void refusesALineOfMoreThan107Bytes() {
        String longest = "PROXY UNKNOWN " + "x".repeat(107 - 14 - 2);
        assertEquals("nobody", read(ascii(longest + "\r\n")));
        assertEquals("INVALID", read(ascii(longest + "x\r\n")));
        assertEquals("INVALID", readWhole(ascii(longest + "xx")));
    }

    @ParameterizedTest
    @CsvSource({
        "2111000cc0000201c0000202dc0401bb, 192.0.2.1/56324 to 192.0.2.2/443",
        "2111000fc0000201c0000202dc0401bb040000, 192.0.2.1/56324 to 192.0.2.2/443",
        "21210024"
                + "20010db80000000000000000000000010000000000000000000000000000000100010002,"
                + "2001:db8:0:0:0:0:0:1/1 to 0:0:0:0:0:0:0:1/2",
        "20000000, nobody",
        "2000000411223344, nobody",
        "2011000cc0000201c0000202dc0401bb, nobody",
        "20ff0000, nobody",
        "21000000, nobody",
        "2101000411223344, nobody",
        "2112000cc0000201c0000202dc0401bb, nobody"
    })
    void readsVersion2(String block, String expected) {
        assertEquals(expected, read(hex(SIGNATURE + block)));
    }

    @Test
    void readsUnixSocketsAsNobody() {
        assertEquals("nobody", read(hex(SIGNATURE + "213100d8" + "00".repeat(216))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1111000cc0000201c0000202dc0401bb", // version 1 in a block
                "3111000cc0000201c0000202dc0401bb",
                "2211000cc0000201c0000202dc0401bb", // no such command
                "2141000cc0000201c0000202dc0401bb", // no such family
                "2113000cc0000201c0000202dc0401bb", // no such protocol
                "2111000bc0000201c0000202dc0401", // too short for its addresses
                "21210023200100000000000000000000000000010000000000000000000000000000000100010002",
                "2111000dc0000201c0000202dc0401bb04", // half a TLV
                "2111000fc0000201c0000202dc0401bb040001", // a TLV that reaches too far
                "21111001c0000201c0000202dc0401bb", // more than 4 KiB
                "2111ffffc0000201c0000202dc0401bb",
                "21110013c0000201c0000202dc0401bb03000400000000", // a wrong checksum
                "21110012c0000201c0000202dc0401bb030003000000"
            })
    void refusesOtherBlocks(String block) {
        assertEquals("INVALID", read(hex(SIGNATURE + block)));
    }

    @Test
    void refusesASignatureThatIsNearlyRight() {
        for (int i = 0; i < 12; i++) {
            byte[] header = hex(V4);
            header[i] ^= 1;
            assertEquals("INVALID", readWhole(header), "byte " + i);
        }
    }

    @Test
    void acceptsARightChecksum() {
        byte[] header = hex(SIGNATURE + "21110016c0000201c0000202dc0401bb03000400000000040000");
        CRC32C sum = new CRC32C();
        sum.update(header);
        Unpooled.wrappedBuffer(header).setInt(31, (int) sum.getValue());
        assertEquals("192.0.2.1/56324 to 192.0.2.2/443", read(header));
    }

    @Test
    void takesTheVersionsItIsToldTo() {
        byte[] text = ascii("PROXY UNKNOWN\r\n");
        byte[] block = hex(V4);
        assertEquals(Progress.DONE, parse(ProxyProtocol.V1, text));
        assertEquals(Progress.INVALID, parse(ProxyProtocol.V1, block));
        assertEquals(Progress.INVALID, parse(ProxyProtocol.V2, text));
        assertEquals(Progress.DONE, parse(ProxyProtocol.V2, block));
        assertEquals(Progress.DONE, parse(ProxyProtocol.ANY, text));
        assertEquals(Progress.DONE, parse(ProxyProtocol.ANY, block));
    }

    private static Progress parse(ProxyProtocol accepted, byte[] bytes) {
        return new ProxyHeaderParser(accepted).parse(Unpooled.wrappedBuffer(bytes));
    }

    @Test
    void neverFailsOnMutations() {
        Random random = new Random(11);
        byte[][] good = {
            ascii("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"),
            ascii("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"),
            hex(SIGNATURE + "21110013c0000201c0000202dc0401bb02000461626364"),
            hex(SIGNATURE + "21210024" + "20010db80000000000000000000000010000000000000000000000000000000100010002")
        };
        int done = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = good[i % good.length].clone();
            for (int n = random.nextInt(3); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            done += parse(ProxyProtocol.ANY, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))) == Progress.DONE
                    ? 1
                    : 0;
        }
        assertTrue(done > 100);
    }

    @ParameterizedTest
    @EnumSource(names = {"V1", "V2"})
    void readsWhatItWrites(ProxyProtocol version) {
        assertEquals("127.0.0.1/1 to 127.0.0.2/65535", written(version, "127.0.0.1", "127.0.0.2"));
        assertEquals("2001:db8:0:0:0:0:0:1/1 to 0:0:0:0:0:0:0:1/65535", written(version, "2001:db8::1", "::1"));
        assertEquals("127.0.0.1/1 to 0:0:0:0:0:0:0:1/65535", written(version, "127.0.0.1", "::1"));
        assertEquals("nobody", read(bytes(version, null, null)));
        assertEquals("nobody", read(bytes(version, InetSocketAddress.createUnresolved("a.test", 1), null)));
    }

    private static String written(ProxyProtocol version, String source, String destination) {
        return read(bytes(version, new InetSocketAddress(source, 1), new InetSocketAddress(destination, 65_535)));
    }

    private static byte[] bytes(
            ProxyProtocol version,
            @org.jspecify.annotations.Nullable InetSocketAddress source,
            @org.jspecify.annotations.Nullable InetSocketAddress destination) {
        ByteBuf out = ProxyHeaderWriter.write(UnpooledByteBufAllocator.DEFAULT, version, source, destination);
        try {
            return ByteBufUtil.getBytes(out);
        } finally {
            out.release();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V1", "V2"})
    void writesWhatNettysDecoderReads(ProxyProtocol version) {
        for (String host : new String[] {"192.0.2.1", "2001:db8::1"}) {
            EmbeddedChannel channel = new EmbeddedChannel(new HAProxyMessageDecoder());
            byte[] header = bytes(version, new InetSocketAddress(host, 7), new InetSocketAddress(host, 443));
            channel.writeInbound(Unpooled.wrappedBuffer(header));
            HAProxyMessage message = channel.readInbound();
            assertNotNull(message);
            assertEquals(
                    new InetSocketAddress(host, 7),
                    new InetSocketAddress(message.sourceAddress(), message.sourcePort()));
            assertEquals(443, message.destinationPort());
            message.release();
            assertNull(channel.readInbound());
            channel.finishAndReleaseAll();
        }
    }
}
