package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.FreePort;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.TestCertificates;
import weir.testing.TlsHello;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** TLS passed through to the service of the server name. */
@WithWeir
@Timeout(120)
final class TcpSniIT {
    private final WeirProcess weir;
    private final int port = FreePort.take();

    TcpSniIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    private void use(String listener, String db, String other) throws IOException, InterruptedException {
        weir.use("""
                listeners: {rpc: {address: "127.0.0.1:%d", protocol: tcp, %s}}
                services: {db: {backends: ["%s"]}, other: {backends: ["%s"]}}
                limits: {header-timeout: 1s}
                """.formatted(port, listener, db, other));
    }

    private static final String BOTH = "service: other, sni: [{host: db.example.com, service: db}]";
    private static final String ONLY_DB = "sni: [{host: \"*.example.com\", service: db}]";

    /** Says its name, then what it received until the end. */
    private static ScriptedBackend backend(String name) throws IOException {
        return ScriptedBackend.start(connection -> {
            connection.send(name);
            connection.readToEnd();
        });
    }

    @Test
    void leadsByServerNameAndReplaysEveryByte() throws Exception {
        try (ScriptedBackend db = backend("db");
                ScriptedBackend other = backend("other")) {
            use(BOTH, db.address(), other.address());
            byte[] hello = TlsHello.of("db.example.com");
            try (RawClient client = RawClient.connect(port)) {
                client.send(hello).send("more");
                client.shutdownOutput();
                assertEquals("db", client.readToEnd());
                JsonObject line = weir.awaitLog(client);
                assertEquals("db.example.com", line.get("sni").getAsString());
                assertEquals("db", line.get("service").getAsString());
                assertEquals("", line.get("why").getAsString());
                assertEquals(hello.length + 4, line.get("bytes_in").getAsInt());
            }
            assertEquals(new String(hello, StandardCharsets.ISO_8859_1) + "more", db.received());
            try (RawClient client = RawClient.connect(port)) {
                client.send(TlsHello.of("app.example.com"));
                client.shutdownOutput();
                assertEquals("other", client.readToEnd());
            }
        }
    }

    @Test
    void readsAHelloThatComesByteByByte() throws Exception {
        try (ScriptedBackend db = backend("db");
                ScriptedBackend other = backend("other")) {
            use(BOTH, db.address(), other.address());
            byte[] hello = TlsHello.inRecords(TlsHello.of("db.example.com"), 100);
            try (RawClient client = RawClient.connect(port)) {
                for (byte b : hello) {
                    client.send(new byte[] {b});
                }
                client.shutdownOutput();
                assertEquals("db", client.readToEnd());
            }
            assertEquals(new String(hello, StandardCharsets.ISO_8859_1), db.received());
        }
    }

    @Test
    void leadsWhatIsNoTlsToTheServiceOfTheListener() throws Exception {
        try (ScriptedBackend db = backend("db");
                ScriptedBackend other = backend("other")) {
            use(BOTH, db.address(), other.address());
            try (RawClient client = RawClient.connect(port)) {
                client.send("GET / HTTP/1.1\r\n");
                client.shutdownOutput();
                assertEquals("other", client.readToEnd());
            }
            try (RawClient client = RawClient.connect(port)) {
                client.send(new byte[] {22, 3, 1, 2}); // half a record, and the end
                client.shutdownOutput();
                assertEquals("other", client.readToEnd());
                assertEquals("", weir.awaitLog(client).get("why").getAsString());
            }
            assertEquals("GET / HTTP/1.1\r\n\u0016\u0003\u0001\u0002", other.received());
        }
    }

    @Test
    void closesWhatNoServiceTakes() throws Exception {
        try (ScriptedBackend db = backend("db")) {
            use(ONLY_DB, db.address(), db.address());
            try (RawClient client = RawClient.connect(port)) {
                client.send(TlsHello.of("example.org"));
                assertEquals("", client.readToEnd());
                JsonObject line = weir.awaitLog(client);
                assertEquals("no-route", line.get("why").getAsString());
                assertEquals("example.org", line.get("sni").getAsString());
                assertFalse(line.has("service"), line::toString);
            }
            try (RawClient client = RawClient.connect(port)) {
                client.send("plain text");
                assertEquals("", client.readToEnd());
                assertEquals("no-route", weir.awaitLog(client).get("why").getAsString());
            }
            try (RawClient client = RawClient.connect(port)) {
                client.send(TlsHello.of("any.example.com"));
                client.shutdownOutput();
                assertEquals("db", client.readToEnd());
            }
        }
    }

    @Test
    void closesWhoDoesNotSayWhatItWants() throws Exception {
        try (ScriptedBackend db = backend("db")) {
            use(BOTH, db.address(), db.address());
            byte[] hello = TlsHello.of("db.example.com");
            try (RawClient client = RawClient.connect(port)) {
                client.send(java.util.Arrays.copyOf(hello, hello.length - 1));
                assertTrue(client.closedWithin(10_000));
                assertEquals("header-timeout", weir.awaitLog(client).get("why").getAsString());
            }
            try (RawClient client = RawClient.connect(port)) {
                client.shutdownOutput();
                assertEquals("", client.readToEnd());
                assertEquals("client-gone", weir.awaitLog(client).get("why").getAsString());
            }
            assertEquals("", db.received());
        }
    }

    @Test
    @RequiresTool("openssl")
    void passesTlsThrough(@TempDir Path directory) throws Exception {
        TestCertificates.write(directory);
        int tls = FreePort.take();
        Process server = openssl(directory, "s_server", "-accept", "127.0.0.1:" + tls, "-rev", "-quiet");
        try (ScriptedBackend other = backend("other")) {
            Await.until(
                    () -> {
                        try {
                            RawClient.connect(tls).close();
                            return true;
                        } catch (IOException refused) {
                            return false;
                        }
                    },
                    () -> "openssl s_server does not listen");
            use(BOTH, "127.0.0.1:" + tls, other.address());
            Process client = openssl(
                    directory,
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + port,
                    "-servername",
                    "DB.example.com",
                    "-CAfile",
                    "ca.pem",
                    "-verify_return_error",
                    "-quiet");
            client.getOutputStream().write("stressed\n".getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
            StringBuilder said = new StringBuilder();
            while (said.indexOf("desserts") < 0) {
                int next = client.getInputStream().read();
                assertTrue(next >= 0, said::toString);
                said.append((char) next);
            }
            client.destroy();
            weir.awaitLog(line -> line.get("sni") != null
                    && !line.get("sni").isJsonNull()
                    && line.get("sni").getAsString().equals("db.example.com")
                    && line.get("bytes_in").getAsInt() > 200
                    && line.get("service").getAsString().equals("db"));
        } finally {
            server.destroyForcibly();
        }
    }

    private static Process openssl(Path directory, String... arguments) throws IOException {
        String[] command = new String[arguments.length + (arguments[0].equals("s_server") ? 5 : 1)];
        command[0] = "openssl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        if (arguments[0].equals("s_server")) {
            System.arraycopy(
                    new String[] {"-cert", "server.pem", "-key", "server.key"}, 0, command, arguments.length + 1, 4);
        }
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        arguments[0].equals("s_server")
                                ? ProcessBuilder.Redirect.to(
                                        directory.resolve("server.log").toFile())
                                : ProcessBuilder.Redirect.PIPE)
                .start();
    }
}
