package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http1.Http1HeadWriter.Length;
import weir.http1.Http1HeadWriter.Persistence;

class Http1HeadWriterTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ChannelHandlerContext context = channel.pipeline().firstContext();
    private final Output output = new Output(context);
    private final Http1HeadWriter writer = new Http1HeadWriter();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private String written() {
        output.flush();
        ByteBuf out = channel.readOutbound();
        String text = out.toString(StandardCharsets.ISO_8859_1);
        out.release();
        return text;
    }

    private String forwarded(RequestHead head) {
        writer.request(head, head.contentLength() == 0, output);
        return written();
    }

    private String forwarded(String fields) {
        return forwarded(BackendFixture.request("GET /a?b HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"))
                .replace("GET /a?b HTTP/1.1\r\nhost: h\r\n", "");
    }

    private static ResponseHead response(String raw) {
        ResponseHead head = new ResponseHead();
        Http1ResponseParser parser = new Http1ResponseParser(0);
        parser.begin(head, false);
        assertEquals(Progress.DONE, parser.parse(Unpooled.copiedBuffer(raw, StandardCharsets.ISO_8859_1)));
        return head;
    }

    @Test
    void writesFieldsAsReceivedWhenNothingIsInTheWay() {
        assertEquals("A: 1\r\nB-b: 2\r\nA: 3\r\n\r\n", forwarded("A: 1\r\nB-b: 2\r\nA: 3\r\n"));
    }

    @Test
    void straightensWhiteSpace() {
        assertEquals("A: 1\r\nB: 2\r\nC: \r\nD: 4\r\n\r\n", forwarded("A:1\r\nB:\t2 \r\nC:\r\nD: 4\r\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: close",
                "Connection: keep-alive, x",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "TE: trailers",
                "Trailer: x",
                "Upgrade: h2c",
                "HTTP2-Settings: x",
                "Content-Length: 0"
            })
    void keepsWhatConcernsTheConnection(String field) {
        String rest = field.startsWith("Content-Length") ? "content-length: 0\r\n\r\n" : "\r\n";
        assertEquals("A: 1\r\nB: 2\r\n" + rest, forwarded("A: 1\r\n" + field + "\r\nB: 2\r\n"));
    }

    @Test
    void framingCannotBeAdded() {
        RequestHead head = BackendFixture.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        head.fields().add("content-length".getBytes()).value("5");
        head.fields().add("host".getBytes()).value("evil");
        assertEquals("GET / HTTP/1.1\r\nhost: h\r\n\r\n", forwarded(head));
    }

    @Test
    void leavesOutDroppedFields() {
        RequestHead head = BackendFixture.request("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nCookie: x\r\nB: 2\r\n\r\n");
        head.fields().drop(KnownField.COOKIE);
        assertEquals("GET / HTTP/1.1\r\nhost: h\r\nA: 1\r\nB: 2\r\n\r\n", forwarded(head));
    }

    @Test
    void writesWhatIsForwardedNotWhatWasReceived() {
        RequestHead head = BackendFixture.request("POST http://h/strip/a?q HTTP/1.1\r\nHost: h\r\n\r\n");
        head.forwardedPath().set(head.path().start() + 6, 2);
        head.forwardedHost().set(head.fields().append("b:1".getBytes(), 0, 3), 3);
        assertEquals("POST /a?q HTTP/1.1\r\nhost: b:1\r\ncontent-length: 0\r\n\r\n", forwarded(head));
    }

    @Test
    void announcesBodyByItsLength() {
        assertEquals(
                "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1234567890123\r\n\r\n",
                forwarded(BackendFixture.request(
                        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0001234567890123\r\n\r\n")));
        assertEquals(
                "POST / HTTP/1.1\r\nhost: h\r\nTrailer: X\r\ntransfer-encoding: chunked\r\n\r\n",
                forwarded(BackendFixture.request(
                        "POST / HTTP/1.1\r\nHost: h\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n")));
    }

    @Test
    void writesTheSameAgainAfterEditsAreUndone() {
        RequestHead head = BackendFixture.request("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nConnection: a\r\n\r\n");
        String first = forwarded(head);
        head.fields().undoEdits();
        assertEquals(first, forwarded(head));
    }

    @Test
    void keepsExpectationOfHttp10() {
        assertEquals(
                "GET / HTTP/1.1\r\nhost: h\r\nA: 1\r\n\r\n",
                forwarded(BackendFixture.request("GET / HTTP/1.0\r\nHost: h\r\nExpect: x\r\nA: 1\r\n\r\n")));
    }

    @Test
    void writesResponseWithReceivedReason() {
        writer.response(
                response("HTTP/1.1 404 Nope\r\nA: 1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"),
                Length.KNOWN,
                2,
                Persistence.UNSAID,
                output);
        assertEquals("HTTP/1.1 404 Nope\r\nA: 1\r\ncontent-length: 2\r\n\r\n", written());
    }

    @Test
    void writesStandardReasonWhenThereIsNone() {
        writer.response(response("HTTP/1.1 502\r\n\r\n"), Length.UNSAID, 0, Persistence.CLOSE, output);
        assertEquals("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n", written());
    }

    @Test
    void passesReceivedLengthOfBodyThatIsNotThere() {
        writer.response(
                response("HTTP/1.1 304 Not Modified\r\nContent-Length: 17\r\n\r\n"),
                Length.AS_RECEIVED,
                0,
                Persistence.UNSAID,
                output);
        assertEquals("HTTP/1.1 304 Not Modified\r\nContent-Length: 17\r\n\r\n", written());
    }
}
