package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsHello;
import weir.testing.Tool;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Server names that are no host names to Java: text to compare, wherever TLS ends or passes. */
@RequiresTool("openssl")
@Timeout(120)
final class TlsServerNamesIT {
    private static final String LONG = "x".repeat(70) + ".test";
    private static final String TLS = "{certificates: [{certificate: $a.pem, key: $a.key}%s]}";

    @TempDir
    private static Path files;

    @BeforeAll
    static void makeFiles() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test").site("b", "ec", 30, "b.test");
    }

    private static WeirProcess start(String tls, ScriptedBackend backend) throws Exception {
        return new WeirLaunch("""
                listeners:
                  web: {address: "127.0.0.3:0", tls: %1$s}
                  rpc: {address: "127.0.0.2:0", protocol: tcp, service: other, sni: [%3$s], tls: %1$s}
                  raw: {address: "127.0.0.1:0", protocol: tcp, service: other, sni: [%3$s]}
                services: {app: {backends: ["%2$s"]}, other: {backends: ["%2$s"]}}
                routes: [{service: app}]
                limits: {header-timeout: 5s}
                """.formatted(
                                tls.replace("$", files + "/"),
                                backend.address(),
                                "{host: a_b.test, service: app}, {host: b.test, service: app}"))
                .start();
    }

    private static String host(String listener) {
        return listener.equals("web") ? "127.0.0.3" : "127.0.0.2";
    }

    /** What a client says that asks for that name, and hears. */
    private static String say(WeirProcess weir, String listener, String name) throws Exception {
        return Tool.feed(
                        "GET /%s HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n".formatted(name),
                        files,
                        "openssl",
                        "s_client",
                        "-quiet",
                        "-connect",
                        host(listener) + ":" + weir.port(listener),
                        "-servername",
                        name,
                        "-ign_eof")
                .said();
    }

    private static ScriptedBackend backend() throws Exception {
        return ScriptedBackend.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        });
    }

    private static JsonObject line(WeirProcess weir, String listener, String name) throws Exception {
        return weir.awaitLog(l -> l.get("listener").getAsString().equals(listener)
                && l.get("sni").getAsString().equals(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", {certificate: $b.pem, key: $b.key}"})
    void servesNamesThatJavaTakesForNone(String more) throws Exception {
        try (ScriptedBackend backend = backend();
                WeirProcess weir = start(TLS.formatted(more), backend)) {
            serves(weir, "a_b.test", "a_b.test", "app");
            serves(weir, "B.test.", "b.test", "app");
            serves(weir, "a..b", "a..b", "other");
            serves(weir, "-a.test", "-a.test", "other");
            serves(weir, LONG, LONG, "other");
        }
    }

    private static void serves(WeirProcess weir, String name, String logged, String service) throws Exception {
        assertTrue(say(weir, "web", name).contains("200 OK"), name);
        line(weir, "web", logged);
        assertTrue(say(weir, "rpc", name).contains("200 OK"), name);
        assertEquals(service, line(weir, "rpc", logged).get("service").getAsString());
        try (RawClient client = RawClient.connect(weir.port("raw"))) {
            client.send(TlsHello.of(name));
            client.shutdownOutput();
            client.readToEnd();
        }
        assertEquals(service, line(weir, "raw", logged).get("service").getAsString());
    }
}
