package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.Cidr;
import weir.http.Fields;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.Span;

class ForwardingHeadersTest {
    private static final String GENERATED = "[0-9a-f]{32}";

    private final ForwardingHeaders headers =
            new ForwardingHeaders(List.of(Cidr.of("10.0.0.0/8"), Cidr.of("fd00::/8")));

    @Test
    void trustsOnlyTheNetworksNamed() throws Exception {
        assertTrue(headers.trusts(new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 1)));
        assertTrue(headers.trusts(new InetSocketAddress(InetAddress.getByName("fd00::1"), 1)));
        assertFalse(headers.trusts(new InetSocketAddress(InetAddress.getByName("11.1.2.3"), 1)));
        assertFalse(headers.trusts(InetSocketAddress.createUnresolved("10.1.2.3", 1)));
        assertFalse(
                new ForwardingHeaders(List.of()).trusts(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 1)));
    }

    @Test
    void tellsWhoCalled() {
        List<String> sent = forwarded(head("Host: Example.com:8080", "Accept: */*"), false, false, "192.0.2.7");
        assertEquals(
                List.of(
                        "Host: Example.com:8080",
                        "Accept: */*",
                        "via: 1.1 weir",
                        "x-forwarded-for: 192.0.2.7",
                        "forwarded: for=192.0.2.7;host=\"Example.com:8080\";proto=http",
                        "x-forwarded-proto: http",
                        "x-forwarded-host: Example.com:8080"),
                sent);
    }

    /** What is put together beforehand for a client's later requests is what its first one would have been given. */
    @Test
    void saysTheSameOfEveryRequestOfAClient() {
        for (String peer : List.of("192.0.2.7", "2001:db8::7")) {
            for (boolean secure : new boolean[] {false, true}) {
                ForwardedLines client = new ForwardedLines(peer.getBytes(StandardCharsets.US_ASCII));
                int n = 0;
                for (Protocol protocol :
                        List.of(Protocol.HTTP_1_1, Protocol.HTTP_1_1, Protocol.HTTP_1_0, Protocol.HTTP_2)) {
                    RequestHead first = asked(protocol, "host" + n + ".test:80", n);
                    RequestHead later = asked(protocol, "host" + n + ".test:80", n);
                    ForwardedLines fresh = new ForwardedLines(peer.getBytes(StandardCharsets.US_ASCII));
                    assertEquals(forwarded(first, false, secure, fresh), forwarded(later, false, secure, client));
                    n++;
                }
            }
        }
    }

    private RequestHead asked(Protocol protocol, String host, int seed) {
        RequestHead head = head(
                "Host: " + host,
                "X-Request-Id: sent",
                "Forwarded: for=1.1.1.1",
                "X-Forwarded-For: 1.1.1.1",
                "X-Forwarded-Proto: ftp",
                "X-Forwarded-Host: other",
                "X-Forwarded-Port: 1",
                "X-Forwarded-Prefix: /x",
                "Connection: forwarded, x-forwarded-for, x-request-id, via",
                "Accept: */*");
        head.protocol(protocol);
        headers.requestId(head, false, new SplittableRandom(seed));
        return head;
    }

    @Test
    void quotesIpv6AndSaysHttps() {
        List<String> sent = forwarded(head("Host: h"), false, true, "2001:db8::7");
        assertTrue(sent.contains("x-forwarded-for: 2001:db8::7"), sent.toString());
        assertTrue(sent.contains("forwarded: for=\"[2001:db8::7]\";host=\"h\";proto=https"), sent.toString());
        assertTrue(sent.contains("x-forwarded-proto: https"), sent.toString());
    }

    @Test
    void saysNothingOfAHostThatWasNotSent() {
        List<String> sent = forwarded(head(), false, false, "192.0.2.7");
        assertTrue(sent.contains("forwarded: for=192.0.2.7;proto=http"), sent.toString());
        assertFalse(sent.toString().contains("x-forwarded-host"), sent.toString());
    }

    @Test
    void quotesNothingThatWouldEndTheQuotes() {
        List<String> sent = forwarded(head("Host: a\";by=b"), false, false, "192.0.2.7");
        assertTrue(sent.contains("forwarded: for=192.0.2.7;proto=http"), sent.toString());
    }

    @Test
    void replacesWhatUntrustedPeersSay() {
        List<String> sent = forwarded(
                head(
                        "Host: h",
                        "X-Forwarded-For: 1.1.1.1",
                        "x-forwarded-for: 2.2.2.2",
                        "X-Forwarded-Proto: https",
                        "X-Forwarded-Host: evil",
                        "X-Forwarded-Port: 1",
                        "X-Forwarded-Prefix: /evil",
                        "Forwarded: for=1.1.1.1",
                        "Via: 1.0 old"),
                false,
                false,
                "192.0.2.7");
        assertEquals(
                List.of(
                        "Host: h",
                        "via: 1.0 old, 1.1 weir",
                        "x-forwarded-for: 192.0.2.7",
                        "forwarded: for=192.0.2.7;host=\"h\";proto=http",
                        "x-forwarded-proto: http",
                        "x-forwarded-host: h"),
                sent);
    }

    @Test
    void extendsWhatTrustedPeersSay() {
        List<String> sent = forwarded(
                head(
                        "Host: h",
                        "X-Forwarded-For: 1.1.1.1",
                        "X-Forwarded-For: 10.0.0.2",
                        "X-Forwarded-Proto: https",
                        "X-Forwarded-Host: shop.example",
                        "X-Forwarded-Port: 443",
                        "X-Forwarded-Prefix: /shop",
                        "Forwarded: for=1.1.1.1"),
                true,
                false,
                "10.0.0.1");
        assertEquals(
                List.of(
                        "Host: h",
                        "X-Forwarded-Prefix: /shop",
                        "via: 1.1 weir",
                        "x-forwarded-for: 1.1.1.1, 10.0.0.2, 10.0.0.1",
                        "forwarded: for=1.1.1.1, for=10.0.0.1;host=\"h\";proto=http",
                        "x-forwarded-proto: https",
                        "x-forwarded-host: shop.example",
                        "x-forwarded-port: 443"),
                sent);
    }

    @Test
    void fillsInWhatTrustedPeersDoNotSay() {
        List<String> sent = forwarded(head("Host: h", "X-Forwarded-Proto:"), true, true, "10.0.0.1");
        assertTrue(
                sent.containsAll(
                        List.of("x-forwarded-for: 10.0.0.1", "x-forwarded-proto: https", "x-forwarded-host: h")),
                sent.toString());
    }

    @Test
    void namesTheVersionThatWasReceived() {
        RequestHead head = head("Host: h");
        head.protocol(Protocol.HTTP_2);
        assertTrue(forwarded(head, false, false, "192.0.2.7").contains("via: 2.0 weir"));
    }

    @Test
    void leavesOutWhatBelongsToTheConnection() {
        List<String> sent = forwarded(
                head(
                        "Host: h",
                        "Connection: close, X-Secret , COOKIE",
                        "Cookie: c",
                        "connection: ,,x-other ;q=1",
                        "x-secret: 1",
                        "X-OTHER: 2",
                        "Keep-Alive: timeout=5",
                        "Proxy-Connection: keep-alive",
                        "TE: trailers",
                        "Transfer-Encoding: chunked",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAA",
                        "Trailer: x-sum",
                        "X-Kept: 3"),
                false,
                false,
                "192.0.2.7");
        assertEquals(List.of("Host: h", "Trailer: x-sum", "X-Kept: 3"), sent.subList(0, 3));
        assertEquals("via: 1.1 weir", sent.get(3));
    }

    @Test
    void leavesOutWhatCgiWouldTakeForItsProxy() {
        assertEquals(
                "Host: h",
                forwarded(head("Host: h", "Proxy: http://evil/"), true, false, "10.0.0.1")
                        .get(0));
        assertFalse(
                forwarded(head("Host: h", "PROXY: x"), false, false, "10.0.0.1").contains("PROXY: x"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionCannotNameAwayWhatWeirSays(boolean trusted) {
        RequestHead head = head(
                "Host: h",
                "Content-Length: 3",
                "Connection: host, content-length, x-forwarded-for, x-forwarded-proto, x-forwarded-host, forwarded",
                "Connection: via, x-request-id",
                "X-Forwarded-For: 1.1.1.1",
                "X-Forwarded-Proto: https",
                "X-Request-Id: abc");
        headers.requestId(head, trusted, new SplittableRandom(1));
        List<String> sent = forwarded(head, trusted, false, "10.0.0.1");
        assertTrue(sent.contains("Host: h") && sent.contains("Content-Length: 3"), sent.toString());
        for (String name : List.of("via", "x-forwarded-for", "forwarded", "x-forwarded-proto", "x-forwarded-host")) {
            assertEquals(1, lines(head, name).size(), name);
        }
        assertEquals(1, lines(head, "x-request-id").size());
        for (int i = 0; i < head.fields().received(); i++) {
            assertTrue(head.fields().dropped(i)
                    || List.of("Host", "Content-Length").contains(head.fields().name(i)));
        }
    }

    @Test
    void everyAttemptSaysTheSame() {
        RequestHead head =
                head("Host: h", "X-Request-Id: mine", "X-Forwarded-For: 1.1.1.1", "Connection: x-a", "X-A: 1");
        headers.requestId(head, false, new SplittableRandom(1));
        List<String> first = forwarded(head, false, false, "192.0.2.7");
        head.fields().undoEdits();
        assertEquals(first, forwarded(head, false, false, "192.0.2.7"));
        assertEquals(1, lines(head, "x-request-id").size());
    }

    @ParameterizedTest
    @CsvSource({
        "abc-123, true, abc-123",
        "abc-123, false, ",
        "'a b', true, ",
        "'a,b', true, ",
        "'', true, ",
        "\u00e9, true, "
    })
    void keepsOnlySaneIdsOfTrustedPeers(String sent, boolean trusted, @Nullable String kept) {
        RequestHead head = head("X-Request-Id: " + sent);
        String id = id(head, trusted);
        assertTrue(kept == null ? id.matches(GENERATED) : id.equals(kept), id);
        forwarded(head, trusted, false, "10.0.0.1");
        assertEquals(List.of(id), lines(head, "x-request-id"));
    }

    @Test
    void keepsIdsUpToTheirLimitAndOnlyOne() {
        assertEquals("a".repeat(128), id(head("X-Request-Id: " + "a".repeat(128)), true));
        assertTrue(id(head("X-Request-Id: " + "a".repeat(129)), true).matches(GENERATED));
        assertTrue(id(head("X-Request-Id: a", "X-Request-Id: b"), true).matches(GENERATED));
    }

    @Test
    void makesAnotherIdForEachRequest() {
        SplittableRandom random = new SplittableRandom(1);
        RequestHead one = head();
        RequestHead other = head();
        String first = one.fields().value(headers.requestId(one, false, random));
        String second = other.fields().value(headers.requestId(other, false, random));
        assertTrue(first.matches(GENERATED) && !first.equals(second), first + ' ' + second);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.9, 203.0.113.9",
        "'1.1.1.1, 203.0.113.9', 203.0.113.9",
        "'203.0.113.9, 10.9.9.9', 203.0.113.9",
        "'203.0.113.9 ,\t10.9.9.9 , ,10.8.8.8,', 203.0.113.9",
        "'6.6.6.6, 203.0.113.9, fd00::2', 203.0.113.9",
        "'10.1.1.1, 10.2.2.2', 10.1.1.1",
        "203.0.113.9:4711, 203.0.113.9",
        "2001:db8::9, 2001:db8::9",
        "[2001:db8::9]:4711, 2001:db8::9",
        "'203.0.113.9, ::ffff:10.1.1.1', 203.0.113.9",
        "'203.0.113.9, unknown', ",
        "'203.0.113.9, _hidden, 10.9.9.9', 10.9.9.9",
        "'203.0.113.9, 10.9.9.9 x', ",
        "010.1.1.1, ",
        "1.2.3, ",
        "1.2.3.256, ",
        "fe80::1%eth0, ",
        "[10.1.1.1], ",
        "[2001:db8::9, ",
        "2001:db8::9]:1, ",
        "203.0.113.9:, ",
        "203.0.113.9:x, ",
        "localhost, ",
        "'\"203.0.113.9\"', ",
        "'', ",
        "',,', "
    })
    void findsTheClientFromTheRight(String hops, @Nullable String client) {
        assertEquals(client, client(head("X-Forwarded-For: " + hops)));
    }

    @Test
    void readsSeveralLinesAsOneList() {
        assertEquals(
                "203.0.113.9",
                client(head("X-Forwarded-For: 6.6.6.6, 203.0.113.9", "A: b", "X-Forwarded-For: 10.1.1.1")));
        assertEquals(null, client(head("A: b")));
    }

    @Test
    void ignoresHopsTooLongToBeAddresses() {
        assertEquals(null, client(head("X-Forwarded-For: " + "1".repeat(5000))));
    }

    private @Nullable String client(RequestHead head) {
        Span span = new Span();
        return headers.client(head, span) ? head.text(span) : null;
    }

    private String id(RequestHead head, boolean trusted) {
        return head.fields().value(headers.requestId(head, trusted, new SplittableRandom(1)));
    }

    private List<String> forwarded(RequestHead head, boolean trusted, boolean secure, String peer) {
        ForwardedLines client = new ForwardedLines(peer.getBytes(StandardCharsets.US_ASCII));
        List<String> first = forwarded(head, trusted, secure, client);
        head.fields().undoEdits();
        assertEquals(first, forwarded(head, trusted, secure, client), "the next request of the same client");
        return first;
    }

    private List<String> forwarded(RequestHead head, boolean trusted, boolean secure, ForwardedLines client) {
        headers.apply(head, trusted, secure, client);
        Fields fields = head.fields();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i)) {
                lines.add(fields.name(i) + ": " + fields.value(i));
            }
        }
        return lines;
    }

    private static List<String> lines(RequestHead head, String name) {
        Fields fields = head.fields();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i) && fields.name(i).equalsIgnoreCase(name)) {
                values.add(fields.value(i));
            }
        }
        return values;
    }

    private static RequestHead head(String... lines) {
        RequestHead head = new RequestHead();
        Fields fields = head.fields();
        for (String line : lines) {
            int colon = line.indexOf(':');
            byte[] name = line.substring(0, colon).getBytes(StandardCharsets.ISO_8859_1);
            byte[] value = line.substring(colon + 1).strip().getBytes(StandardCharsets.ISO_8859_1);
            int nameStart = fields.append(name, 0, name.length);
            int valueStart = fields.append(value, 0, value.length);
            fields.index(nameStart, name.length, valueStart, value.length);
        }
        return head;
    }
}
