package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.DemoBackend;
import weir.testing.FreePort;
import weir.testing.GrpcBackend;
import weir.testing.RawClient;
import weir.testing.WeirProcess;

/** The demo's sum, called by a stock gRPC client through Weir as {@code config.yaml} has it. */
@Timeout(120)
final class GrpcDemoIT {
    private static final MethodDescriptor<String, String> SUM = GrpcBackend.ECHO.toBuilder()
            .setFullMethodName("weir.demo.v1.Calculator/Sum")
            .build();

    @Test
    void addsOverGrpc() throws Exception {
        int port = FreePort.take();
        int httpPort = FreePort.take();
        try (DemoBackend sum = DemoBackend.sum(httpPort, port);
                WeirProcess weir = WeirProcess.start("""
                        routes: [{path: /sum, service: sum}, {path: /weir.demo.v1.Calculator, service: sum-grpc}]
                        services:
                          sum: {backends: ["127.0.0.1:%d"]}
                          sum-grpc:
                            protocol: h2c
                            backends: ["127.0.0.1:%d"]
                            health-check: {type: grpc, service: weir.demo.v1.Calculator}
                        """.formatted(httpPort, port))) {
            assertTrue(sum.port() == port || sum.port() == httpPort, "another port than the one given");
            assertEquals(200, RawClient.get(weir.port(), "/sum?a=1&b=2").status());
            weir.awaitState("sum-grpc", port, "available");
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", weir.port())
                    .usePlaintext()
                    .build();
            try {
                // SumRequest{a: 1, b: 2} and SumResponse{result: 3} as protobuf writes them.
                assertEquals("\u0008\u0003", GrpcBackend.call(channel, SUM, "\u0008\u0001\u0010\u0002"));
                String most = "\u00ff".repeat(8) + "\u007f";
                StatusRuntimeException beyond = assertThrows(
                        StatusRuntimeException.class,
                        () -> GrpcBackend.call(channel, SUM, "\u0008" + most + "\u0010" + most));
                assertEquals(Status.Code.OUT_OF_RANGE, beyond.getStatus().getCode());
            } finally {
                channel.shutdownNow();
            }
            assertEquals(
                    0,
                    weir.awaitLog("/weir.demo.v1.Calculator/Sum")
                            .get("grpc_status")
                            .getAsInt());
        }
    }
}
