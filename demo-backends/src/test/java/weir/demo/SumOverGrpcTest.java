package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weir.demo.v1.CalculatorGrpc;
import weir.demo.v1.SumRequest;

final class SumOverGrpcTest {
    private final List<String> log = new CopyOnWriteArrayList<>();
    private DemoBackend backend;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        backend = DemoBackend.start(
                Options.parse(List.of("sum", "--port", "0", "--grpc-port", "0", "--name", "s1")), log::add);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", backend.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        backend.close();
    }

    @Test
    void adds() {
        assertEquals(3, new SumCall("127.0.0.1:" + backend.grpcPort(), 1, 2).result());
        assertEquals(Long.MIN_VALUE, sum(channel, Long.MIN_VALUE, 0));
    }

    @Test
    void answersOverflowWithOutOfRange() {
        StatusRuntimeException failed =
                assertThrows(StatusRuntimeException.class, () -> sum(channel, Long.MAX_VALUE, 1));
        assertEquals(Status.Code.OUT_OF_RANGE, failed.getStatus().getCode());
        assertEquals(
                "the sum is beyond 64 bits: 9223372036854775807 + 1",
                failed.getStatus().getDescription());
    }

    @Test
    void namesItselfInEveryResponse() {
        AtomicReference<String> name = new AtomicReference<>();
        sum(ClientInterceptors.intercept(channel, new NameReader(name)), 1, 2);
        assertEquals("s1", name.get());
    }

    @Test
    void logsEveryCallInOneLine() {
        sum(channel, 1, 2);
        assertThrows(StatusRuntimeException.class, () -> sum(channel, Long.MAX_VALUE, 1));
        List<String> lines =
                log.stream().filter(line -> line.contains(" gRPC weir.demo.")).toList();
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.get(0).matches("\\S+Z s1 gRPC weir.demo.v1.Calculator/Sum OK \\d+ms"), lines.get(0));
        assertTrue(lines.get(1).contains(" OUT_OF_RANGE "), lines.get(1));
    }

    @Test
    void tellsItsHealth() {
        for (String service : List.of("", CalculatorGrpc.SERVICE_NAME)) {
            HealthCheckRequest request =
                    HealthCheckRequest.newBuilder().setService(service).build();
            assertEquals(
                    ServingStatus.SERVING,
                    HealthGrpc.newBlockingStub(channel).check(request).getStatus());
        }
    }

    private static long sum(Channel channel, long a, long b) {
        return CalculatorGrpc.newBlockingStub(channel)
                .sum(SumRequest.newBuilder().setA(a).setB(b).build())
                .getResult();
    }

    private record NameReader(AtomicReference<String> name) implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onHeaders(Metadata response) {
                                    name.set(response.get(
                                            Metadata.Key.of("x-backend", Metadata.ASCII_STRING_MARSHALLER)));
                                    super.onHeaders(response);
                                }
                            },
                            headers);
                }
            };
        }
    }
}
