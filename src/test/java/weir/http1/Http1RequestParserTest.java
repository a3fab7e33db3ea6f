package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.LimitsConfig.Underscores;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;

class Http1RequestParserTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private final RequestHead head = new RequestHead();
    private Http1RequestParser parser = new Http1RequestParser(ClientFixture.LIMITS.message());

    private Progress parse(String raw) {
        parser.begin(head);
        return parser.parse(Unpooled.copiedBuffer(raw, StandardCharsets.ISO_8859_1));
    }

    private void accept(String raw) {
        assertEquals(Progress.DONE, parse(raw), () -> parser.error().code());
    }

    private void refuse(MessageError error, String raw) {
        assertEquals(Progress.FAILED, parse(raw));
        assertEquals(error, parser.error());
    }

    @Test
    void indexesEveryPartOfTheHead() {
        accept(
                "PUT /a/b?c=d?e HTTP/1.1\r\nHost: Example.com.:8080\r\nX-One:  1 \t\r\nX-Empty:\r\nContent-Length: 012\r\n\r\n");
        assertEquals(Method.PUT, head.method());
        assertEquals("PUT", head.text(head.methodName()));
        assertEquals("/a/b?c=d?e", head.text(head.target()));
        assertEquals("/a/b", head.text(head.path()));
        assertEquals("/a/b", head.text(head.forwardedPath()));
        assertEquals("?c=d?e", head.text(head.query()));
        assertEquals("Example.com", head.text(head.host()));
        assertEquals("Example.com.:8080", head.text(head.forwardedHost()));
        assertEquals(Protocol.HTTP_1_1, head.protocol());
        assertEquals(12, head.contentLength());
        assertEquals(4, head.fields().count());
        assertEquals("X-One", head.fields().name(1));
        assertEquals("1", head.fields().value(1));
        assertEquals("", head.fields().value(2));
        assertEquals("012", head.fields().value(KnownField.CONTENT_LENGTH));
        assertTrue(parser.keepsAlive());
        assertFalse(parser.chunked());
    }

    @Test
    void leavesTheBodyInTheBuffer() {
        ByteBuf in = Unpooled.copiedBuffer(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(5000),
                StandardCharsets.ISO_8859_1);
        parser.begin(head);
        assertEquals(Progress.DONE, parser.parse(in));
        assertEquals(5000, in.readableBytes());
        assertEquals(head.receivedBytes(), head.fields().length());
        assertTrue(head.fields().array().length <= 2048, "little of the body was copied");
    }

    @Test
    void countsReceivedBytesWithoutEmptyLinesBefore() {
        accept("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(27, head.receivedBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "http://a/b?c, a, a, a, /b, ?c",
        "http://a:8080/b, a:8080, a, a:8080, /b, ''",
        "HTTP://A.com/, a.com, A.com, A.com, /, ''",
        "http://a, a, a, a, /, ''",
        "http://a?q, a, a, a, /, ?q",
        "http://a:80/, a, a, a:80, /, ''",
        "http://a/, a:80, a, a, /, ''",
        "https://a/, a:443, a, a, /, ''",
        "http://a./, a, a, a., /, ''",
        "http://[::1]:80/, [::1]:80, [::1], [::1]:80, /, ''"
    })
    void takesHostOfAbsoluteForm(
            String target, String field, String host, String forwarded, String path, String query) {
        accept("GET " + target + " HTTP/1.1\r\nHost: " + field + "\r\n\r\n");
        assertEquals(host, head.text(head.host()));
        assertEquals(forwarded, head.text(head.forwardedHost()));
        assertEquals(path, head.text(head.path()));
        assertEquals(query, head.text(head.query()));
        assertEquals(target, head.text(head.target()));
    }

    @Test
    void takesAbsoluteFormWithoutHostFromHttp10() {
        accept("GET http://a/b HTTP/1.0\r\n\r\n");
        assertEquals("a", head.text(head.host()));
        assertFalse(parser.keepsAlive());
    }

    @Test
    void takesHttp10WithoutHost() {
        accept("GET /b HTTP/1.0\r\nExpect: x\r\n\r\n");
        assertTrue(head.host().isEmpty());
        assertEquals(Protocol.HTTP_1_0, head.protocol());
        assertFalse(parser.expectsContinue());
    }

    @Test
    void takesAsteriskForOptionsOnly() {
        accept("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals("*", head.text(head.path()));
        accept2("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals("*", head.text(head.path()));
    }

    private void accept2(String raw) {
        head.clear();
        accept(raw);
    }

    @Test
    void passesConnectOn() {
        accept("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(Method.CONNECT, head.method());
        assertEquals("a", head.text(head.host()));
        assertTrue(head.path().isEmpty());
    }

    @Test
    void takesAnyTokenForMethod() {
        accept("get / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(Method.OTHER, head.method());
        assertEquals("get", head.text(head.methodName()));
    }

    @Test
    void takesChunkedInAnyCase() {
        accept("POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-encoding:\tChUnKeD \r\n\r\n");
        assertTrue(parser.chunked());
        assertEquals(RequestHead.UNKNOWN_LENGTH, head.contentLength());
    }

    @Test
    void takesObsoleteTextInValues() {
        accept("GET / HTTP/1.1\r\nHost: a\r\nX: caf\u00e9\tau lait\r\n\r\n");
        assertEquals("caf\u00e9\tau lait", head.fields().value(1));
    }

    @Test
    void dropsNamesWithUnderscore() {
        accept("POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n_: x\r\nX: y\r\n\r\n");
        assertEquals(2, head.fields().count());
        assertEquals(0, head.contentLength());
        assertFalse(parser.chunked());
    }

    @Test
    void passesNamesWithUnderscoreWhenTold() {
        parser = new Http1RequestParser(ClientFixture.limits(Underscores.PASS).message());
        accept("POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n");
        assertEquals("Content_Length", head.fields().name(1));
        assertEquals(0, head.contentLength());
    }

    @Test
    void rejectsNamesWithUnderscoreWhenTold() {
        parser = new Http1RequestParser(ClientFixture.limits(Underscores.REJECT).message());
        refuse(MessageError.FIELD_NAME, "GET / HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n");
    }

    @Test
    void honoursConnectionTokens() {
        accept("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n");
        assertFalse(parser.keepsAlive());
        accept2("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        assertTrue(parser.keepsAlive());
        accept2("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n");
        assertFalse(parser.keepsAlive());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, 1.1, Connection: upgrade, Upgrade: websocket, true",
        "GET, 1.1, 'Connection: keep-alive, UPGRADE', Upgrade: WebSocket, true",
        "POST, 1.1, Connection: upgrade, Upgrade: websocket, false",
        "GET, 1.0, Connection: upgrade, Upgrade: websocket, false",
        "GET, 1.1, Connection: keep-alive, Upgrade: websocket, false",
        "GET, 1.1, Connection: upgrade, Upgrade: h2c, false",
        "GET, 1.1, Connection: upgrade, 'Upgrade: websocket, h2c', false",
        "GET, 1.1, Connection: upgrade, 'Upgrade: websocket\r\nContent-Length: 1', false",
        "GET, 1.1, Connection: upgrade, 'Upgrade: websocket\r\nUpgrade: h2c', false"
    })
    void recognisesWebSocket(String method, String version, String connection, String upgrade, boolean expected) {
        accept(method + " / HTTP/" + version + "\r\nHost: a\r\n" + connection + "\r\n" + upgrade + "\r\n" + KEY
                + "\r\n");
        assertEquals(expected, head.upgradesToWebSocket());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Sec-WebSocket-Key:\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ===\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZ_Bub25jZQ==\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=a\r\n",
                KEY + KEY
            })
    void refusesAWebSocketWithoutAKey(String key) {
        refuse(
                MessageError.WEBSOCKET_KEY,
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" + key + "\r\n");
    }

    @Test
    void keepsLimitsToTheByte() {
        String line = "GET /" + "a".repeat(8192 - 14) + " HTTP/1.1";
        assertEquals(8192, line.length());
        accept(line + "\r\nHost: a\r\n\r\n");
        head.clear();
        refuse(MessageError.TARGET_TOO_LONG, line.replace("/a", "/aa") + "\r\nHost: a\r\n\r\n");
        head.clear();
        String fields = "Host: a\r\nX: " + "y".repeat(32768 - 14) + "\r\n";
        assertEquals(32768, fields.length());
        accept("GET / HTTP/1.1\r\n" + fields + "\r\n");
        head.clear();
        refuse(MessageError.FIELDS_TOO_LARGE, "GET / HTTP/1.1\r\n" + fields.replace("y\r", "yy\r") + "\r\n");
        head.clear();
        accept("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(99) + "\r\n");
        head.clear();
        refuse(MessageError.TOO_MANY_FIELDS, "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(100) + "\r\n");
    }

    @Test
    void tellsWhatWasReadOfRefusedHead() {
        refuse(MessageError.FIELD_NAME, "GET /a HTTP/1.1\r\nHost : a\r\n\r\n");
        assertEquals(Method.GET, head.method());
        assertEquals("/a", head.text(head.target()));
    }

    @ParameterizedTest
    @CsvSource({
        "HOST, 'GET / HTTP/1.1\r\n\r\n'",
        "LINE_END, 'GET / HTTP/1.1\n\n'",
        "FOLDED_FIELD, 'GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n'",
        "VERSION, 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'",
        "AMBIGUOUS_LENGTH, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'",
        "CONTENT_LENGTH, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'",
        "UNKNOWN_TRANSFER_ENCODING, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br\r\n\r\n'",
        "EXPECTATION, 'POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n'"
    })
    void namesTheError(MessageError error, String raw) {
        refuse(error, raw);
    }
}
