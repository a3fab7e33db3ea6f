package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.Http2Frames;
import weir.testing.Http2Frames.Frame;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;

/** A drain ends HTTP/2 connections by GOAWAY, and takes no stream from them that has begun. */
@Timeout(120)
final class Http2DrainIT {
    @Test
    void finishesWhatHasBegun() throws Exception {
        CountDownLatch leaving = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    leaving.await();
                    connection.send(ScriptedBackend.ok("whole"));
                    connection.readToEnd();
                });
                WeirProcess weir = WeirProcess.start("""
                        routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
                        services: {app: {backends: [%s]}}
                        """.formatted(backend.address()));
                Http2Client client = Http2Client.connect(weir.port())) {
            client.send(client.frames.get(1, "/alive"));
            assertEquals(204, client.response(1).status());
            client.send(client.frames.get(3, "/slow"));
            Await.until(() -> !backend.requests().isEmpty(), () -> "the backend was not asked");
            weir.signal("TERM");
            Frame first = client.await(frame -> frame.type() == Http2Frames.GOAWAY);
            assertEquals(Integer.MAX_VALUE, first.number(0));
            Frame second = client.await(frame -> frame.type() == Http2Frames.GOAWAY);
            assertEquals(3, second.number(0));
            leaving.countDown();
            assertEquals("whole", client.response(3).body());
            assertEquals(-1, client.goAway(), "and the connection ends without another word");
            assertEquals(0, weir.awaitExit());
        }
    }
}
