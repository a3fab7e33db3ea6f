package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.LimitsConfig;
import weir.http.FieldSink;
import weir.http.Fields;
import weir.http.MessageLimits;
import weir.http.Protocol;
import weir.http.RequestFields;

/** HPACK against the examples of its RFC, and against Netty's in both directions. */
final class HpackTest {
    private final HpackDecoder decoder = new HpackDecoder();

    private List<String> decode(byte[] block) {
        List<String> fields = new ArrayList<>();
        boolean valid = decoder.decode(
                block,
                0,
                block.length,
                (name, nameStart, nameLength, value, valueStart, valueLength) -> fields.add(
                        latin1(name, nameStart, nameLength) + ": " + latin1(value, valueStart, valueLength)));
        return valid ? fields : List.of("malformed");
    }

    private List<String> decode(String hex) {
        return decode(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static String latin1(byte[] bytes, int start, int length) {
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    @Test
    void decodesTheRequestsOfTheRfcWithHuffman() {
        assertEquals(
                List.of(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"),
                decode("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"));
        assertEquals(
                List.of(
                        ":method: GET",
                        ":scheme: http",
                        ":path: /",
                        ":authority: www.example.com",
                        "cache-control: no-cache"),
                decode("8286 84be 5886 a8eb 1064 9cbf"));
        assertEquals(
                List.of(
                        ":method: GET",
                        ":scheme: https",
                        ":path: /index.html",
                        ":authority: www.example.com",
                        "custom-key: custom-value"),
                decode("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // index 0
                "be", // an index beyond the tables
                "ff80808080808080", // a number that never ends
                "828620", // a change of size behind a field
                "3fe21f", // a table larger than agreed
                "0085", // a string that is cut off
                "008000", // huffman of nothing, then no value: cut below
                "4082ffff0161", // padding longer than seven bits
                "4084ffffffff0161", // the end of string spelled out
                "40811801", // padding that is not of ones
                "7f" // cut in the index
            })
    void refusesWhatIsMalformed(String hex) {
        assertEquals(List.of("malformed"), decode(hex.equals("008000") ? "0080" : hex));
    }

    @Test
    void decodesWhatNettyEncodes() throws Exception {
        Random random = new Random(20261122);
        DefaultHttp2HeadersEncoder encoder =
                new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, false, 16, 0);
        for (int round = 0; round < 2000; round++) {
            Http2Headers headers = new DefaultHttp2Headers(false);
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                String name = random.nextInt(3) == 0 ? "x-" + random.nextInt(40) : "accept";
                String value = text(random, random.nextInt(4) == 0 ? 900 : 20);
                headers.add(name, value);
            }
            headers.forEach(field -> expected.add(field.getKey() + ": " + field.getValue()));
            ByteBuf block = Unpooled.buffer();
            encoder.encodeHeaders(3, headers, block);
            assertEquals(expected, decode(ByteBufUtil.getBytes(block)), "round " + round);
        }
    }

    @Test
    void isDecodedByNetty() throws Exception {
        Random random = new Random(7);
        DefaultHttp2HeadersDecoder netty = new DefaultHttp2HeadersDecoder(false, 1 << 20);
        HpackEncoder encoder = new HpackEncoder();
        for (int round = 0; round < 500; round++) {
            byte[] out = new byte[1 << 16];
            List<String> expected = new ArrayList<>();
            encoder.begin(out, 0);
            int status = 100 + random.nextInt(500);
            encoder.status(status);
            expected.add(":status: " + status);
            for (int i = random.nextInt(12); i >= 0; i--) {
                String name = i % 2 == 0 ? "Content-Type" : "X-" + random.nextInt(40);
                String value = text(random, random.nextInt(4) == 0 ? 900 : 20);
                byte[] n = name.getBytes(StandardCharsets.ISO_8859_1);
                byte[] v = value.getBytes(StandardCharsets.ISO_8859_1);
                encoder.field(n, 0, n.length, v, 0, v.length);
                expected.add(name.toLowerCase(java.util.Locale.ROOT) + ": " + value);
            }
            encoder.named(28);
            encoder.number(round * 1_000_003L);
            expected.add("content-length: " + round * 1_000_003L);
            List<String> decoded = new ArrayList<>();
            netty.decodeHeaders(3, Unpooled.wrappedBuffer(out, 0, encoder.end()))
                    .forEach(field -> decoded.add(field.getKey() + ": " + field.getValue()));
            expected.sort(null);
            decoded.sort(null);
            assertEquals(expected, decoded, "round " + round);
        }
    }

    @Test
    void forgetsOldEntriesAsTheTableFills() {
        // Each entry counts 32 + 2 + 1000: three fit into 4096, and four do not.
        for (int i = 0; i < 5; i++) {
            decode(entry(i));
        }
        assertEquals(List.of("n4: " + "4".repeat(1000)), decode("be"));
        assertEquals(List.of("n2: " + "2".repeat(1000)), decode("c0"));
        assertEquals(List.of("malformed"), decode("c1"));
    }

    private static byte[] entry(int i) {
        byte[] block = new byte[1 + 1 + 2 + 3 + 1000];
        Arrays.fill(block, 7, block.length, (byte) ('0' + i));
        System.arraycopy(new byte[] {0x40, 2, 'n', (byte) ('0' + i), 0x7f, (byte) 0xe9, 6}, 0, block, 0, 7);
        return block;
    }

    @Test
    void neverFailsOnNoise() {
        Random random = new Random(99);
        int valid = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            if (!decode(noise).equals(List.of("malformed"))) {
                valid++;
            }
        }
        assertTrue(valid > 0);
        assertFalse(valid == 20_000);
    }

    private static String text(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i >= 0; i--) {
            text.append((char) (random.nextInt(20) == 0 ? 0x80 + random.nextInt(128) : ' ' + random.nextInt(95)));
        }
        return text.toString();
    }

    /** Whoever marked a field as too secret for a table wants it so on every hop. */
    @Test
    void whatIsNeverIndexedStaysSo() throws Exception {
        ByteBuf in = Unpooled.buffer();
        new DefaultHttp2HeadersEncoder((name, value) -> !name.equals("x-open"))
                .encodeHeaders(
                        1,
                        new DefaultHttp2Headers()
                                .add("authorization", "secret")
                                .add("x-open", "1")
                                .add("x-token", "secret"),
                        in);
        byte[] block = ByteBufUtil.getBytes(in);
        RequestFields request = new RequestFields(MessageLimits.of(LimitsConfig.DEFAULT), Protocol.HTTP_2);
        Fields fields = new Fields();
        request.beginTrailers(fields);
        assertTrue(new HpackDecoder().decode(block, 0, block.length, request));
        assertEquals(List.of("authorization", "x-token"), never(new RequestBlock(false).trailers(fields), fields, 1));
        ResponseBlock response = new ResponseBlock(1000);
        fields.clear();
        response.beginTrailers(fields);
        assertTrue(new HpackDecoder().decode(block, 0, block.length, response));
        assertEquals(List.of("authorization", "x-token"), never(new ResponseFields().trailers(fields), fields, 0));
        fields.clear();
        fields.index(fields.append(new byte[] {'a'}, 0, 1), 1, 0, 1);
        assertFalse(fields.neverIndexed(0));
    }

    @Test
    void anInvalidFieldThatIsNeverIndexedIsRefusedLikeOthers() {
        ResponseBlock response = new ResponseBlock(1000);
        response.beginTrailers(new Fields());
        response.neverIndexed();
        response.field(new byte[] {'X'}, 0, 1, new byte[] {'v'}, 0, 1);
        assertFalse(response.end());
    }

    /** The names that are never to be indexed in a block behind the bytes in use. */
    private static List<String> never(int length, Fields fields, int sizeUpdate) {
        List<String> names = new ArrayList<>();
        FieldSink sink = new FieldSink() {
            private boolean never;

            @Override
            public void neverIndexed() {
                never = true;
            }

            @Override
            public void field(byte[] name, int start, int n, byte[] value, int valueStart, int valueLength) {
                if (never) {
                    names.add(new String(name, start, n, StandardCharsets.US_ASCII));
                }
                never = false;
            }
        };
        int start = fields.length();
        assertEquals(sizeUpdate == 1, fields.array()[start] == HpackEncoder.NO_TABLE);
        assertTrue(new HpackDecoder().decode(fields.array(), start, start + length, sink));
        return names;
    }
}
