package weir.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.FreePort;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsBackend;
import weir.testing.TlsClient;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** TCP sessions whose backends are spoken to over TLS; their end is Java's own engine. */
@WithWeir
@RequiresTool("openssl")
@Timeout(60)
final class TcpBackendTlsIT {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String TRUSTED = "ca: $ca.pem, server-name: app.test";

    @TempDir
    private static Path files;

    private final WeirProcess weir;
    private final int port = FreePort.take();

    TcpBackendTlsIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        new SiteCertificates(files)
                .site("site", "ec", 30, "app.test")
                .site("other", "ec", 30, "other.test")
                .client("client");
    }

    private static SslContextBuilder server(String certificate, String... versions) {
        return SslContextBuilder.forServer(
                        files.resolve(certificate + ".pem").toFile(),
                        files.resolve(certificate + ".key").toFile())
                .sslProvider(SslProvider.JDK)
                .protocols(versions.length == 0 ? new String[] {"TLSv1.3", "TLSv1.2"} : versions);
    }

    private void use(String listener, String tls, String more, String backends)
            throws IOException, InterruptedException {
        weir.use("""
                listeners: {rpc: {address: "127.0.0.1:%1$d", protocol: tcp, service: "%2$s"%3$s}}
                services:
                  "%2$s": {protocol: tls, tls: {%4$s}, backends: [%6$s]%5$s}
                """.formatted(
                        port,
                        "app-" + NAMES.incrementAndGet(),
                        listener.replace("$", files + "/"),
                        tls.replace("$", files + "/"),
                        more,
                        backends));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTlsToBackendsAndPassesTheEndOn(String version) throws Exception {
        try (TlsBackend backend = TlsBackend.echo(server("site", version).build())) {
            use("", TRUSTED, "", backend.address());
            try (RawClient client = RawClient.connect(port).send("hello")) {
                assertEquals("hello", client.readExactly(5));
                client.shutdownOutput();
                // The engine of a backend has a last word after the other side's in TLS 1.3 only (RFC 8446 section
                // 6.1).
                assertEquals(version.equals("TLSv1.3") ? "bye" : "", client.readToEnd());
                JsonObject line = weir.awaitLog(client);
                assertEquals("", line.get("why").getAsString());
                assertEquals(5, line.get("bytes_in").getAsInt());
            }
            assertEquals("app.test", backend.serverName());
        }
    }

    @Test
    void passesMegabytesBothWaysUnchangedFromTlsToTls() throws Exception {
        try (TlsBackend backend = TlsBackend.echo(server("site").build())) {
            use(", tls: {certificates: [{certificate: $site.pem, key: $site.key}]}", TRUSTED, "", backend.address());
            byte[] sent = new byte[3 << 20];
            new Random(5).nextBytes(sent);
            try (RawClient client = new TlsClient(files.resolve("ca.pem")).raw(port, "app.test")) {
                Thread writer = new Thread(() -> {
                    try {
                        client.send(sent);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                writer.start();
                assertArrayEquals(sent, client.input().readNBytes(sent.length));
                writer.join();
            }
        }
    }

    @Test
    void aBackendThatIsNotWhoItShouldBeGetsNothing() throws Exception {
        try (TlsBackend backend = TlsBackend.echo(server("other").build())) {
            use("", TRUSTED, ", ejection: {consecutive-connect-failures: 0}", backend.address());
            try (RawClient client = RawClient.connect(port).send("secret")) {
                assertThrowsOrEnds(client);
                JsonObject line = weir.awaitLog(client);
                assertEquals("backend-tls", line.get("why").getAsString());
                assertEquals(0, line.get("bytes_out").getAsInt());
            }
            weir.awaitStderr("app.test");
            use("", "verify: false", "", backend.address());
            try (RawClient client = RawClient.connect(port).send("whatever")) {
                assertEquals("whatever", client.readExactly(8));
            }
        }
    }

    /** Bytes that nobody read make a reset of the close. */
    private static void assertThrowsOrEnds(RawClient client) throws IOException {
        try {
            assertEquals("", client.readToEnd());
        } catch (SocketException reset) {
            // As good as an end.
        }
    }

    @Test
    void triesAnotherBackendWhenTlsFails() throws Exception {
        try (TlsBackend bad = TlsBackend.echo(server("other").build());
                TlsBackend good = TlsBackend.echo(server("site").build())) {
            String more = ", retry: {back-off: 0ms..0ms}, ejection: {consecutive-connect-failures: 0}";
            use("", TRUSTED, more, '"' + bad.address() + "\", \"" + good.address() + '"');
            for (int i = 0; i < 4; i++) {
                try (RawClient client = RawClient.connect(port).send("hello")) {
                    assertEquals("hello", client.readExactly(5));
                }
            }
            assertTrue(bad.connections() > 0);
        }
    }

    @Test
    void showsItsCertificate() throws Exception {
        SslContext demanding = server("site")
                .clientAuth(ClientAuth.REQUIRE)
                .trustManager(files.resolve("ca.pem").toFile())
                .build();
        try (TlsBackend backend =
                TlsBackend.start(demanding, channel -> name(channel.pipeline().get(SslHandler.class)))) {
            use("", TRUSTED + ", certificate: $client.pem, key: $client.key", "", backend.address());
            try (RawClient client = RawClient.connect(port).send("GET / HTTP/1.1\r\n\r\n")) {
                assertEquals("CN=client", client.read().body());
            }
        }
    }

    private static String name(SslHandler tls) {
        try {
            return tls.engine().getSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    @Test
    void anEndWithoutCloseNotifyIsAReset() throws Exception {
        try (TlsBackend backend = TlsBackend.untilClose(server("site").build(), "half", false)) {
            use("", TRUSTED, "", backend.address());
            try (RawClient client = RawClient.connect(port).send("\r\n\r\n")) {
                assertTrue(client.readThrough("half").endsWith("half"));
                assertThrows(SocketException.class, () -> client.input().read());
                assertEquals("backend-reset", weir.awaitLog(client).get("why").getAsString());
            }
        }
        try (TlsBackend backend = TlsBackend.untilClose(server("site").build(), "whole", true)) {
            use("", TRUSTED, "", backend.address());
            try (RawClient client = RawClient.connect(port).send("\r\n\r\n")) {
                assertTrue(client.readToEnd().endsWith("whole"));
                client.send("to nobody").shutdownOutput();
                assertEquals("", weir.awaitLog(client).get("why").getAsString());
            }
        }
    }

    @Test
    void givesUpABackendThatDoesNotAnswerTheHandshake() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            use("", TRUSTED, ", timeouts: {connect: 300ms}, retry: {attempts: 1}", backend.address());
            try (RawClient client = RawClient.connect(port)) {
                assertEquals("", client.readToEnd());
                assertEquals("connect-timeout", weir.awaitLog(client).get("why").getAsString());
            }
        }
    }

    @Test
    void checksHealthInsideTls() throws Exception {
        try (TlsBackend good = TlsBackend.saying(server("site").build(), "good");
                TlsBackend bad = TlsBackend.saying(server("other").build(), "bad")) {
            String backends = '"' + good.address() + "\", \"" + bad.address() + '"';
            use("", TRUSTED, ", health-check: /", backends);
            String service = "app-" + NAMES.get();
            weir.awaitState(service, good.port(), "available");
            weir.awaitState(service, bad.port(), "unhealthy");
        }
    }

    @Test
    void namesTheClientAheadOfTls() throws Exception {
        CompletableFuture<String> header = new CompletableFuture<>();
        CompletableFuture<Integer> next = new CompletableFuture<>();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            header.complete(connection.readLine());
            next.complete(connection.read());
        })) {
            use("", TRUSTED, ", send-proxy-protocol: v1", backend.address());
            try (RawClient client = RawClient.connect(port)) {
                assertEquals(
                        "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.localPort() + " " + port,
                        header.get().strip());
                assertEquals(22, next.get()); // a handshake record
            }
        }
    }
}
