package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.JsonObject;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weir.testing.Await;
import weir.testing.FreePort;
import weir.testing.GrpcBackend;
import weir.testing.GrpcReplies;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Calls of a stock gRPC client through Weir. */
@WithWeir
@Timeout(60)
final class GrpcIT {
    private static final AtomicInteger TESTS = new AtomicInteger();

    private final WeirProcess weir;
    private final String host = "t" + TESTS.incrementAndGet() + ".test";
    private GrpcBackend backend;
    private ManagedChannel channel;

    GrpcIT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeEach
    void start() throws Exception {
        backend = GrpcBackend.start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", weir.port())
                .usePlaintext()
                .overrideAuthority(host)
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        backend.close();
    }

    private void use(String more) throws IOException, InterruptedException {
        use("\"127.0.0.1:" + backend.port() + '"', more);
    }

    private void use(String backends, String more) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /weir.Test, service: rpc}]
                services: {rpc: {backends: [%s], protocol: h2c%s}}
                """.formatted(backends, more));
    }

    /** The line of this test's call of that path. */
    private JsonObject logged(String path) throws InterruptedException {
        return weir.awaitLog(line -> line.get("path").getAsString().equals(path)
                && line.get("host").getAsString().equals(host));
    }

    private Status failure(CallOptions options, String method) {
        return assertThrows(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(
                                channel,
                                GrpcBackend.HANG.toBuilder()
                                        .setFullMethodName(method)
                                        .build(),
                                options,
                                "x"))
                .getStatus();
    }

    @Test
    void passesEveryKindOfCall() throws Exception {
        use("");
        assertEquals("hello", GrpcBackend.call(channel, GrpcBackend.ECHO, "hello"));
        Metadata head = backend.head();
        assertEquals("2.0 weir", head.get(Metadata.Key.of("via", Metadata.ASCII_STRING_MARSHALLER)));
        Iterator<String> counted =
                ClientCalls.blockingServerStreamingCall(channel, GrpcBackend.COUNT, CallOptions.DEFAULT, "50");
        int messages = 0;
        while (counted.hasNext()) {
            counted.next();
            messages++;
        }
        assertEquals(50, messages);
        GrpcReplies sum = new GrpcReplies();
        StreamObserver<String> summed =
                ClientCalls.asyncClientStreamingCall(channel.newCall(GrpcBackend.SUM, CallOptions.DEFAULT), sum);
        for (int i = 0; i < 40; i++) {
            summed.onNext("x");
        }
        summed.onCompleted();
        assertEquals("40", sum.next());
        assertEquals("OK", sum.next());
        GrpcReplies chat = new GrpcReplies();
        StreamObserver<String> talk =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(GrpcBackend.CHAT, CallOptions.DEFAULT), chat);
        for (String text : List.of("a", "b", "c")) {
            talk.onNext(text);
            assertEquals(text, chat.next());
        }
        talk.onCompleted();
        assertEquals("OK", chat.next());
        for (String method : List.of("Echo", "Count", "Sum", "Chat")) {
            JsonObject line = logged("/weir.Test/" + method);
            assertEquals(200, line.get("status").getAsInt(), line::toString);
            assertEquals(0, line.get("grpc_status").getAsInt(), line::toString);
            assertEquals("HTTP/2.0", line.get("protocol").getAsString());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OK"})
    void passesStatusesAndTheirMessages(Status.Code code) throws Exception {
        use(", retry: {attempts: 1}, ejection: {consecutive-errors: 0}");
        Status status = assertThrows(
                        StatusRuntimeException.class, () -> GrpcBackend.call(channel, GrpcBackend.FAIL, code.name()))
                .getStatus();
        assertEquals(code, status.getCode());
        assertEquals("because ü % of it", status.getDescription());
        JsonObject line = logged("/weir.Test/Fail");
        assertEquals(code.value(), line.get("grpc_status").getAsInt(), line::toString);
        assertEquals("", line.get("why").getAsString());
    }

    @Test
    void answersItsOwnErrorsAsStatuses() throws Exception {
        use("\"127.0.0.1:" + FreePort.take() + '"', ", ejection: {consecutive-connect-failures: 0}");
        assertEquals(
                Status.Code.UNIMPLEMENTED,
                failure(CallOptions.DEFAULT, "other.Test/Hang").getCode());
        assertEquals(
                Status.Code.UNAVAILABLE,
                failure(CallOptions.DEFAULT, "weir.Test/Hang").getCode());
        JsonObject line = logged("/weir.Test/Hang");
        assertEquals(14, line.get("grpc_status").getAsInt(), line::toString);
        assertEquals("connect-failed", line.get("why").getAsString());
        String metrics = weir.admin("GET", "/metrics").body();
        assertTrue(
                metrics.lines()
                        .anyMatch(l -> l.startsWith("weir_grpc_responses_total{")
                                && l.contains("grpc_status=\"14\"")
                                && l.contains("service=\"rpc\"")),
                metrics);
    }

    @Test
    void theDeadlineOfTheCallerCancelsTheBackend() throws Exception {
        use("");
        Status status = failure(CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS), "weir.Test/Hang");
        assertEquals(Status.Code.DEADLINE_EXCEEDED, status.getCode());
        assertNotNull(backend.head().get(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER)));
        backend.awaitCancelled();
    }

    /** A client that keeps no time of its own: the status it gets is Weir's. */
    @Test
    void theDeadlineIsKeptByWeirItself() throws Exception {
        use(", timeouts: {request: 400ms}");
        assertEquals(
                Status.Code.DEADLINE_EXCEEDED,
                failure(CallOptions.DEFAULT, "weir.Test/Hang").getCode());
        backend.awaitCancelled();
        JsonObject line = logged("/weir.Test/Hang");
        assertEquals("request-timeout", line.get("why").getAsString());
        assertEquals(4, line.get("grpc_status").getAsInt());
    }

    @Test
    void cancellationReachesTheBackend() throws Exception {
        use("");
        GrpcReplies replies = new GrpcReplies();
        ClientCall<String, String> call = channel.newCall(GrpcBackend.CHAT, CallOptions.DEFAULT);
        StreamObserver<String> talk = ClientCalls.asyncBidiStreamingCall(call, replies);
        talk.onNext("a");
        assertEquals("a", replies.next());
        call.cancel("changed my mind", null);
        backend.awaitCancelled();
        assertEquals("client-gone", logged("/weir.Test/Chat").get("why").getAsString());
        assertEquals(0, weir.backend("rpc", backend.port()).get("errors").getAsInt());
    }

    @Test
    void aBackendThatDiesInAStreamIsAStatus() throws Exception {
        use("");
        GrpcReplies replies = new GrpcReplies();
        StreamObserver<String> talk =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(GrpcBackend.CHAT, CallOptions.DEFAULT), replies);
        talk.onNext("a");
        assertEquals("a", replies.next());
        talk.onNext("abort");
        String end = String.valueOf(replies.next());
        assertTrue(List.of("UNAVAILABLE", "CANCELLED").contains(end), end);
    }

    @Test
    void passesLargeMessagesBothWays() throws Exception {
        use("");
        String large = "0123456789".repeat(2_000_000);
        assertEquals(large, GrpcBackend.call(channel, GrpcBackend.ECHO, large));
    }

    @Test
    void manyCallsAtATimeDoNotDisturbEachOther() throws Exception {
        use("");
        List<ListenableFuture<String>> replies = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            replies.add(ClientCalls.futureUnaryCall(
                    channel.newCall(GrpcBackend.ECHO, CallOptions.DEFAULT), i + "-" + "x".repeat(i * 40)));
        }
        for (int i = 0; i < replies.size(); i++) {
            assertEquals(i + "-" + "x".repeat(i * 40), replies.get(i).get(20, TimeUnit.SECONDS));
        }
        assertEquals(500, backend.calls());
    }

    /** The stream that nobody reads is full long before its end; calls beside it go on. */
    @Test
    void aStreamNobodyReadsHoldsUpNothing() throws Exception {
        use("");
        GrpcReplies stuck = new GrpcReplies();
        ClientCall<String, String> call = channel.newCall(GrpcBackend.COUNT, CallOptions.DEFAULT);
        call.start(stuck.listener(), new Metadata());
        call.sendMessage("100000");
        call.halfClose();
        call.request(1);
        assertNotNull(stuck.next());
        for (int i = 0; i < 50; i++) {
            assertEquals("beside", GrpcBackend.call(channel, GrpcBackend.ECHO, "beside"));
        }
        call.cancel("enough", null);
    }

    @Test
    void anUnavailableBackendIsFollowedByAnotherAndEjected() throws Exception {
        try (GrpcBackend other = GrpcBackend.start()) {
            use(
                    "\"127.0.0.1:" + backend.port() + "\", \"127.0.0.1:" + other.port() + '"',
                    ", retry: {attempts: 2, conditions: [grpc-unavailable], budget-percent: 100},"
                            + " ejection: {consecutive-errors: 3}");
            assertThrows(
                    StatusRuntimeException.class, () -> GrpcBackend.call(channel, GrpcBackend.FAIL, "UNAVAILABLE"));
            assertEquals(1, backend.calls());
            assertEquals(1, other.calls());
            JsonObject line = logged("/weir.Test/Fail");
            assertEquals(2, line.getAsJsonArray("attempts").size(), line::toString);
            assertEquals(
                    "grpc-unavailable",
                    line.getAsJsonArray("attempts")
                            .get(0)
                            .getAsJsonObject()
                            .get("outcome")
                            .getAsString());
            for (int i = 0; i < 2; i++) {
                assertThrows(
                        StatusRuntimeException.class, () -> GrpcBackend.call(channel, GrpcBackend.FAIL, "UNAVAILABLE"));
            }
            Await.until(
                    () -> weir.backend("rpc", backend.port())
                                    .get("state")
                                    .getAsString()
                                    .equals("ejected")
                            || weir.backend("rpc", other.port())
                                    .get("state")
                                    .getAsString()
                                    .equals("ejected"),
                    () -> "none is ejected");
        }
    }

    @Test
    void aBackendOfHttp1IsReachedAllTheSame() throws Exception {
        try (ScriptedBackend old = ScriptedBackend.answering("HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\n"
                + "Transfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n"
                + "8\r\n\0\0\0\0\u0003old\r\n0\r\ngrpc-status: 0\r\n\r\n")) {
            weir.use("""
                    routes: [{path: /weir.Test, service: rpc}]
                    services: {rpc: {backends: [%s]}}
                    """.formatted(old.address()));
            assertEquals("old", GrpcBackend.call(channel, GrpcBackend.ECHO, "x"));
            assertEquals(0, logged("/weir.Test/Echo").get("grpc_status").getAsInt());
        }
        try (ScriptedBackend html = ScriptedBackend.answering(
                "HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nbusy")) {
            weir.use("""
                    routes: [{path: /weir.Test, service: rpc}]
                    services: {rpc: {backends: [%s]}}
                    """.formatted(html.address()));
            assertEquals(
                    Status.Code.UNAVAILABLE,
                    failure(CallOptions.DEFAULT, "weir.Test/Hang").getCode());
        }
    }
}
