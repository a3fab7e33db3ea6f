package weir.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Http2Backend;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** TLS to backends, whose end is Java's own engine. */
@WithWeir
@RequiresTool("openssl")
@Timeout(60)
final class BackendTlsIT {
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    private static Path files;

    private final WeirProcess weir;

    BackendTlsIT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        new SiteCertificates(files)
                .site("site", "ec", 30, "app.test localhost")
                .site("other", "ec", 30, "other.test")
                .client("client");
        Files.createDirectory(files.resolve("stranger"));
        new SiteCertificates(files.resolve("stranger"));
    }

    private static SslContextBuilder server(String certificate) {
        return SslContextBuilder.forServer(
                        files.resolve(certificate + ".pem").toFile(),
                        files.resolve(certificate + ".key").toFile())
                .sslProvider(SslProvider.JDK);
    }

    private static SslContext http2(String certificate) throws IOException {
        return server(certificate)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
    }

    private void use(String protocol, String tls, String backend) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: "%1$s"}]
                services:
                  "%1$s":
                    {protocol: %2$s, tls: {%3$s}, backends: ["%4$s"], ejection: {consecutive-connect-failures: 0}}
                """.formatted("app-" + NAMES.incrementAndGet(), protocol, tls.replace("$", files + "/"), backend));
    }

    private String body(String path) throws IOException, InterruptedException {
        return RawClient.get(weir.port(), path).body();
    }

    private void assertRefused(String path, String said) throws IOException, InterruptedException {
        assertEquals(502, RawClient.get(weir.port(), path).status());
        assertEquals("backend-tls", weir.awaitLog(path).get("why").getAsString());
        weir.awaitStderr(said);
    }

    @Test
    void speaksHttp1OverTls() throws Exception {
        try (TlsBackend backend = TlsBackend.saying(server("site").build(), "secret")) {
            use("https", "ca: $ca.pem, server-name: app.test", backend.address());
            assertEquals("secret", body("/1"));
            assertEquals("secret", body("/2"));
            assertEquals("app.test", backend.serverName());
            assertTrue(backend.connections() <= 2, () -> backend.connections() + " connections");
        }
    }

    @Test
    void speaksHttp2OverTls() throws Exception {
        try (Http2Backend backend = Http2Backend.start(
                http2("site"), call -> call.respond(200, false).data("h2 " + call.field(":scheme"), true))) {
            use("h2", "ca: $ca.pem, server-name: localhost", backend.address());
            assertEquals("h2 https", body("/h2"));
        }
    }

    @Test
    void speaksEitherVersionToWireMock() throws Exception {
        WireMockServer both = new WireMockServer(options().dynamicPort().dynamicHttpsPort());
        both.stubFor(any(anyUrl()).willReturn(aResponse().withBody("mocked")));
        both.start();
        try {
            String address = "127.0.0.1:" + both.httpsPort();
            use("https", "verify: false", address);
            assertEquals("mocked", body("/mock-1"));
            use("h2", "verify: false", address);
            assertEquals("mocked", body("/mock-2"));
            List<ServeEvent> served = new ArrayList<>(both.getAllServeEvents());
            Collections.reverse(served);
            assertEquals(
                    List.of("HTTP/1.1", "HTTP/2.0"),
                    served.stream()
                            .map(event -> event.getRequest().getProtocol())
                            .toList());
        } finally {
            both.stop();
        }
    }

    @Test
    void aBackendThatIsNotWhoItShouldBeGetsNothing() throws Exception {
        try (TlsBackend backend = TlsBackend.saying(server("other").build(), "secret")) {
            use("https", "ca: $ca.pem, server-name: app.test", backend.address());
            assertRefused("/wrong-name", "app.test");
            use("https", "ca: $stranger/ca.pem, server-name: other.test", backend.address());
            assertRefused("/wrong-authority", "TLS: ");
            use("https", "server-name: other.test", backend.address());
            assertRefused("/no-authority", "TLS: ");
            assertEquals(0, backend.requests());
            use("https", "verify: false", backend.address());
            assertEquals("secret", body("/unverified"));
        }
    }

    @Test
    void aBackendWithoutHttp2IsRefusedByAlpn() throws Exception {
        try (TlsBackend backend = TlsBackend.saying(server("site").build(), "secret")) {
            use("h2", "ca: $ca.pem, server-name: app.test", backend.address());
            assertRefused("/no-alpn", "does not agree to HTTP/2");
        }
    }

    @Test
    void aBackendWithoutTlsIsRefused() throws Exception {
        try (ScriptedBackend backend =
                ScriptedBackend.start(connection -> connection.send(ScriptedBackend.ok("plain")))) {
            use("https", "ca: $ca.pem", backend.address());
            assertRefused("/no-tls", "TLS: ");
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
            use(
                    "https",
                    "ca: $ca.pem, server-name: app.test, certificate: $client.pem, key: $client.key",
                    backend.address());
            assertEquals("CN=client", body("/client"));
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
    void aBodyThatEndsWithoutCloseNotifyIsTruncated() throws Exception {
        try (TlsBackend backend = TlsBackend.untilClose(server("site").build(), "half", false)) {
            use("https", "ca: $ca.pem, server-name: app.test", backend.address());
            try (RawClient client = RawClient.connect(weir.port()).send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")) {
                client.readToEnd();
            } catch (IOException reset) {
                // That, too, says that the body is not whole.
            }
            assertEquals("backend-reset", weir.awaitLog("/cut").get("why").getAsString());
        }
        try (TlsBackend backend = TlsBackend.untilClose(server("site").build(), "whole", true)) {
            use("https", "ca: $ca.pem, server-name: app.test", backend.address());
            assertEquals("whole", body("/whole"));
            assertEquals("", weir.awaitLog("/whole").get("why").getAsString());
        }
    }

    @Test
    void takesUpChangedFilesAndRefusesBadOnes() throws Exception {
        Path ca = files.resolve("changing.pem");
        Files.copy(files.resolve("stranger/ca.pem"), ca, StandardCopyOption.REPLACE_EXISTING);
        try (TlsBackend backend = TlsBackend.saying(server("site").build(), "secret")) {
            use("https", "ca: $changing.pem, server-name: app.test", backend.address());
            assertRefused("/before", "TLS: ");
            Files.copy(files.resolve("ca.pem"), ca, StandardCopyOption.REPLACE_EXISTING);
            weir.awaitStderr("changed TLS files are in force");
            assertEquals("secret", body("/after"));
            Files.writeString(ca, "nonsense");
            weir.awaitStderr("changed TLS files are no good, the old ones stay");
            assertEquals("secret", body("/kept"));
            assertTrue(weir.admin("POST", "/api/reload").body().contains("no PEM in it"));
            assertEquals("secret", body("/still"));
        }
    }

    @Test
    void checksHealthOverTlsToo() throws Exception {
        try (TlsBackend good = TlsBackend.saying(server("site").build(), "good");
                Http2Backend alsoGood = Http2Backend.start(http2("site"), call -> call.respond(200, true));
                TlsBackend bad = TlsBackend.saying(server("other").build(), "bad")) {
            weir.use("""
                    routes: [{path: /, service: a}]
                    services:
                      a: {protocol: https, tls: {ca: "%1$s", server-name: app.test}, health-check: /, backends: ["%2$s", "%3$s"]}
                      b: {protocol: h2, tls: {ca: "%1$s", server-name: app.test}, health-check: /, backends: ["%4$s"]}
                    """.formatted(files.resolve("ca.pem"), good.address(), bad.address(), alsoGood.address()));
            weir.awaitState("a", good.port(), "available");
            weir.awaitState("a", bad.port(), "unhealthy");
            weir.awaitState("b", alsoGood.port(), "available");
            weir.awaitStderr("no handshake");
        }
    }
}
