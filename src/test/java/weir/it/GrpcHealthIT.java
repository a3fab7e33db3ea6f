package weir.it;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.GrpcBackend;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Checks by gRPC's health checking protocol, of its own servers and of what is none. */
@WithWeir
@Timeout(60)
final class GrpcHealthIT {
    private final WeirProcess weir;
    private final GrpcBackend backend;

    GrpcHealthIT(WeirProcess weir) throws IOException {
        this.weir = weir;
        this.backend = GrpcBackend.start();
    }

    @AfterEach
    void stop() {
        backend.close();
    }

    private void check(int port, String check) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: rpc}]
                services:
                  rpc:
                    protocol: h2c
                    backends: ["127.0.0.1:%d"]
                    health-check: {%s, interval: 100ms, timeout: 5s, unhealthy-after: 1, healthy-after: 1}
                """.formatted(port, check));
    }

    private void awaitWhy(int port, String why) throws IOException, InterruptedException {
        weir.awaitState("rpc", port, "unhealthy");
        Await.until(() -> weir.backend("rpc", port).toString().contains(why), () -> "never because: " + why);
    }

    @Test
    void itsHealthServiceDecides() throws Exception {
        int port = backend.port();
        check(port, "type: grpc, service: weir.Test");
        awaitWhy(port, "knows no service");
        backend.health().setStatus("weir.Test", ServingStatus.SERVING);
        weir.awaitState("rpc", port, "available");
        backend.health().setStatus("weir.Test", ServingStatus.NOT_SERVING);
        awaitWhy(port, "NOT_SERVING");
        check(port, "type: grpc");
        weir.awaitState("rpc", port, "available");
    }

    @Test
    void aServerThatGoesAwayIsDown() throws Exception {
        int port = backend.port();
        check(port, "type: grpc");
        weir.awaitState("rpc", port, "available");
        backend.close();
        awaitWhy(port, "connection refused");
        try (GrpcBackend again = GrpcBackend.start(port)) {
            weir.awaitState("rpc", again.port(), "available");
        }
    }

    @Test
    void aBackendThatSpeaksNoHttp2IsDown() throws Exception {
        try (ScriptedBackend old = ScriptedBackend.start(connection -> {
            connection.read();
            connection.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        })) {
            check(old.port(), "type: grpc");
            awaitWhy(old.port(), "no handshake");
        }
    }

    /** A check by HTTP speaks what the service speaks: this server has an answer to a GET, but only over HTTP/2. */
    @Test
    void aCheckByHttpSpeaksTheServicesProtocol() throws Exception {
        check(backend.port(), "type: http, path: /, status: 400-499");
        double before = passed();
        Await.until(() -> passed() > before, () -> "no check passes");
        weir.awaitState("rpc", backend.port(), "available");
    }

    private double passed() throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("weir_health_checks_total{") && line.contains("result=\"passed\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
