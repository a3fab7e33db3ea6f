package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;

final class AdminExchangeTest {
    private final AdminFixture admin = new AdminFixture();
    private final FakeStream stream = new FakeStream("127.0.0.1");

    @Test
    void everyAnswerHasTheSecurityFields() {
        for (FakeStream answer : List.of(admin.get("/healthz"), admin.get("/api/config"), admin.get("/nothing"))) {
            assertEquals("nosniff", answer.fields.get("x-content-type-options"));
            assertEquals("no-store", answer.fields.get("cache-control"));
            assertEquals("same-origin", answer.fields.get("cross-origin-resource-policy"));
            assertEquals("Tue, 03 Feb 2026 04:05:06 GMT", answer.fields.get("date"));
            assertTrue(answer.finished && answer.flushed);
        }
    }

    @Test
    void headHasTheLengthButNoBody() {
        FakeStream get = admin.get("/api/services");
        FakeStream head = admin.send("HEAD", "/api/services", null);
        assertEquals(200, head.status);
        assertEquals(get.contentLength, head.contentLength);
        assertEquals("", head.body.toString());
        assertTrue(head.finished);
    }

    @Test
    void bodyMayComeInPieces() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(
                admin.head("PUT", "/api/services/hello/backends/127.0.0.1:9001/weight", RequestHead.UNKNOWN_LENGTH),
                false);
        receiver.body(bytes("1"));
        receiver.body(bytes("2"));
        receiver.readComplete();
        assertEquals(0, stream.responses);
        receiver.end(null);
        assertEquals(200, stream.status);
        assertEquals(List.of("weight 12 hello 127.0.0.1:9001"), admin.services.calls);
    }

    @Test
    void bodyThatSaysItIsTooLargeIsRefusedBeforeItComes() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("PUT", "/api/log-level", AdminExchange.MAXIMUM_BODY + 1), false);
        assertEquals(413, stream.status);
        assertTrue(stream.closes && stream.flushed);
    }

    @Test
    void bodyThatGrowsTooLargeIsRefusedOnceAndReleased() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("PUT", "/api/log-level", RequestHead.UNKNOWN_LENGTH), false);
        List<ByteBuf> chunks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ByteBuf chunk = Unpooled.wrappedBuffer(new byte[AdminExchange.MAXIMUM_BODY / 2 + 1]);
            chunks.add(chunk);
            receiver.body(chunk);
        }
        receiver.end(null);
        assertEquals(413, stream.status);
        assertEquals(1, stream.responses);
        assertTrue(stream.closes);
        assertTrue(chunks.stream().allMatch(c -> c.refCnt() == 0));
    }

    @Test
    void bodyOfExactlyTheLimitIsRead() {
        String body = "{\"level\": \"info\"}" + " ".repeat(AdminExchange.MAXIMUM_BODY - 17);
        assertEquals(AdminExchange.MAXIMUM_BODY, body.length());
        assertEquals(200, admin.send("PUT", "/api/log-level", body).status);
    }

    @Test
    void tellsAWaitingClientToGoOn() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("PUT", "/api/log-level", 5, "expect", "100-continue"), false);
        assertEquals(List.of(100), stream.informed);
        receiver.body(bytes("debug"));
        receiver.end(null);
        assertEquals(200, stream.status);
    }

    @Test
    void rejectedRequestIsAnsweredAndTheConnectionClosed() {
        admin.open(stream).rejected(admin.heads.request(), MessageError.HOST);
        assertEquals(400, stream.status);
        assertTrue(stream.closes && stream.flushed);
        assertTrue(stream.body.indexOf("bad-host") > 0);
    }

    @Test
    void brokenBodyIsAnsweredAndTheConnectionClosed() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("PUT", "/api/log-level", 5), false);
        receiver.broken(MessageError.BODY_TIMEOUT);
        assertEquals(408, stream.status);
        assertTrue(stream.closes);
    }

    @Test
    void bodyBrokenAfterTheAnswerResetsTheConnection() {
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("PUT", "/api/log-level", AdminExchange.MAXIMUM_BODY + 1), false);
        receiver.broken(MessageError.BODY_TIMEOUT);
        assertTrue(stream.wasReset);
        assertEquals(1, stream.responses);
    }

    @Test
    void answerOfAClientThatLeftIsDropped() throws InterruptedException {
        List<Runnable> tasks = new ArrayList<>();
        admin.control = tasks::add;
        RequestReceiver receiver = admin.open(stream);
        receiver.request(admin.head("POST", "/api/reload", 0), true);
        receiver.aborted();
        tasks.get(0).run();
        assertEquals(1, admin.reloads);
        assertEquals(0, stream.responses);
    }

    @Test
    void headsGoBackToTheirPool() {
        RequestHead head = admin.head("GET", "/healthz", 0);
        admin.open(stream).request(head, true);
        assertTrue(admin.heads.request() == head);
        assertFalse(admin.heads.request() == head);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
