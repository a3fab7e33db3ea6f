package weir.it;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.FreePort;
import weir.testing.GrpcInterop;
import weir.testing.TestCertificates;
import weir.testing.WeirProcess;

/**
 * gRPC's own interoperability calls: what its client and its server can do directly they can do through Weir, in the clear
 * and with TLS on both sides of it.
 */
@Timeout(30)
final class GrpcInteropIT {
    /** Of the certificate. */
    private static final String NAME = "consul.test";

    @TempDir
    private static Path files;

    private static int server;
    private static int tlsServer;
    private static int tlsPort;
    private static WeirProcess weir;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        TestCertificates.write(files);
        server = FreePort.take();
        tlsServer = FreePort.take();
        tlsPort = FreePort.take();
        weir = WeirProcess.start("""
                listeners:
                  web: {address: "127.0.0.1:0"}
                  secure:
                    address: "127.0.0.1:%4$d"
                    tls: {certificates: [{certificate: %1$s/server.pem, key: %1$s/server.key}]}
                routes: [{host: consul.test, service: secure}, {path: /, service: rpc}]
                services:
                  rpc: {backends: ["127.0.0.1:%2$d"], protocol: h2c}
                  secure:
                    backends: ["127.0.0.1:%3$d"]
                    protocol: h2
                    tls: {ca: %1$s/ca.pem, server-name: consul.test}
                """.formatted(files, server, tlsServer, tlsPort));
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
        plain(call, server);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void throughWeir(String call) throws Throwable {
        plain(call, weir.port());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void throughWeirWithTlsOnBothSides(String call) throws Throwable {
        ServerCredentials own = TlsServerCredentials.create(
                files.resolve("server.pem").toFile(),
                files.resolve("server.key").toFile());
        ChannelCredentials trusted = TlsChannelCredentials.newBuilder()
                .trustManager(files.resolve("ca.pem").toFile())
                .build();
        make(call, tlsServer, own, channel(tlsPort, trusted).overrideAuthority(NAME));
    }

    private static void plain(String call, int port) throws Throwable {
        make(call, server, InsecureServerCredentials.create(), channel(port, InsecureChannelCredentials.create()));
    }

    private static NettyChannelBuilder channel(int port, ChannelCredentials credentials) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port, credentials);
    }

    private static void make(String call, int serverPort, ServerCredentials own, NettyChannelBuilder channel)
            throws Throwable {
        new GrpcInterop(serverPort, own, channel).make(call);
    }
}
