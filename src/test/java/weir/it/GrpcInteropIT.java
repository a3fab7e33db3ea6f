package weir.it;

import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.FreePort;
import weir.testing.GrpcInterop;
import weir.testing.WeirProcess;

/** gRPC's own interoperability calls: what its client and its server can do directly they can do through Weir. */
@Timeout(60)
final class GrpcInteropIT {
    private static int server;
    private static WeirProcess weir;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = FreePort.take();
        weir = WeirProcess.start("""
                routes: [{path: /, service: rpc}]
                services: {rpc: {backends: ["127.0.0.1:%d"], protocol: h2c}}
                """.formatted(server));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        weir.assertNoLeak();
        weir.close();
    }

    static List<String> calls() {
        return GrpcInterop.calls();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void directly(String call) throws Throwable {
        make(call, server);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void throughWeir(String call) throws Throwable {
        make(call, weir.port());
    }

    private static void make(String call, int port) throws Throwable {
        new GrpcInterop(
                        server,
                        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext())
                .make(call);
    }
}
