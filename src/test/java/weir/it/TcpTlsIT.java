package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.BackendSocket;
import weir.testing.FreePort;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.TestCertificates;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** TLS that ends at a TCP listener. */
@WithWeir
@RequiresTool("openssl")
@Timeout(120)
final class TcpTlsIT {
    private final WeirProcess weir;
    private final int port = FreePort.take();

    @TempDir
    private Path directory;

    TcpTlsIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    @BeforeEach
    void makeCertificates() throws IOException {
        TestCertificates.write(directory);
    }

    /** A context of its own for each connection, so that none resumes another one's session. */
    private SSLContext context() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        try (InputStream in = Files.newInputStream(directory.resolve("ca.pem"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private void use(String more, String db, String other) throws IOException, InterruptedException {
        weir.use(
                """
                listeners:
                  rpc:
                    address: "127.0.0.1:%d"
                    protocol: tcp
                    service: other
                    sni: [{host: consul.test, service: db}]
                    tls: {certificates: [{certificate: "%s", key: "%s"}]}
                    %s
                services: {db: {backends: ["%s"]}, other: {backends: ["%s"]}}
                trusted-proxies: [127.0.0.1]
                """.formatted(port, directory.resolve("server.pem"), directory.resolve("server.key"), more, db, other));
    }

    private SSLSocket connect(String serverName, String before) throws GeneralSecurityException, IOException {
        Socket plain = new Socket("127.0.0.1", port);
        plain.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        plain.getOutputStream().write(before.getBytes(StandardCharsets.US_ASCII));
        SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        if (!serverName.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static ScriptedBackend echo(String name) throws IOException {
        return ScriptedBackend.start(connection -> {
            connection.send(name);
            answer(connection);
        });
    }

    private static void answer(BackendSocket connection) throws IOException {
        int next = connection.read();
        while (next >= 0) {
            connection.output().write(next);
            connection.output().flush();
            next = connection.read();
        }
    }

    private static String read(SSLSocket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Test
    void endsTlsAndLeadsByItsServerName() throws Exception {
        try (ScriptedBackend db = echo("db");
                ScriptedBackend other = echo("other")) {
            use("", db.address(), other.address());
            try (SSLSocket socket = connect("consul.test", "")) {
                assertEquals("db", read(socket, 2));
                socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertEquals("hello", read(socket, 5));
            }
            JsonObject line = weir.awaitLog(l -> l.get("service").getAsString().equals("db"));
            assertEquals("TCP", line.get("protocol").getAsString());
            assertEquals("TLSv1.3", line.get("tls").getAsString());
            assertEquals("consul.test", line.get("sni").getAsString());
            assertEquals(5, line.get("bytes_in").getAsInt());
            assertEquals("", line.get("why").getAsString());
            assertEquals("hello", db.received());
            try (SSLSocket socket = connect("", "")) {
                assertEquals("other", read(socket, 5));
            }
        }
    }

    @Test
    void endsWithACloseNotifyAndOnlyProperly() throws Exception {
        try (ScriptedBackend db = ScriptedBackend.start(connection -> connection.send("all"));
                ScriptedBackend other = ScriptedBackend.start(connection -> {
                    connection.send("half");
                    Thread.sleep(100);
                    connection.reset();
                })) {
            use("", db.address(), other.address());
            try (SSLSocket socket = connect("consul.test", "")) {
                assertEquals("all", read(socket, 10)); // Java fails where the close_notify is missing
            }
            try (SSLSocket socket = connect("", "")) {
                assertEquals("half", read(socket, 4));
                assertThrows(IOException.class, () -> socket.getInputStream().read());
            }
        }
    }

    @Test
    void takesThePROXYHeaderAheadOfTls() throws Exception {
        try (ScriptedBackend db = echo("db")) {
            use("proxy-protocol: v1", db.address(), db.address());
            try (SSLSocket socket = connect("consul.test", "PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n")) {
                assertEquals("db", read(socket, 2));
            }
            weir.awaitLog(l -> l.get("peer").getAsString().equals("192.0.2.7:4711"));
        }
    }
}
