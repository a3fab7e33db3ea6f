package weir.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsClient;
import weir.testing.TlsHello;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Connections that end at each step of their way, and those that stay there, leave nothing behind. */
@RequiresTool("openssl")
@Timeout(180)
final class ConnectionEndsIT {
    private static final int EACH = 250;
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    @TempDir
    private static Path files;

    @BeforeAll
    static void makeFiles() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test");
    }

    private static WeirProcess start(String transport, ScriptedBackend backend) throws Exception {
        String tls = "{certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}".formatted(files);
        return new WeirLaunch("""
                listeners:
                  web: {address: "127.0.0.1:0", tls: %1$s}
                  plain: {address: "127.0.0.2:0"}
                  rpc: {address: "127.0.0.3:0", protocol: tcp, service: app, tls: %1$s}
                services: {app: {backends: ["%2$s"]}}
                routes: [{respond: {status: 200, body: hi}}]
                limits: {header-timeout: 2s, idle-timeout: 2s}
                """.formatted(tls, backend.address()))
                .withoutTraces()
                .flags("-Dweir.transport=" + transport)
                .start();
    }

    private static Socket open(String host, int port, byte[] first) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), 5_000);
        socket.getOutputStream().write(first);
        return socket;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What each open descriptor leads to. */
    private static List<String> descriptors(WeirProcess weir) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + weir.handle().pid() + "/fd"))) {
            return all.map(ConnectionEndsIT::target).sorted().toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    private static void endAtEachStep(WeirProcess weir, TlsClient tls, byte[] hello, byte[] half, int times)
            throws Exception {
        for (int i = 0; i < times; i++) {
            open("127.0.0.1", weir.port("web"), new byte[0]).close();
            open("127.0.0.1", weir.port("web"), half).close();
            open("127.0.0.1", weir.port("web"), hello).close();
            open("127.0.0.3", weir.port("rpc"), hello).close();
            open("127.0.0.2", weir.port("plain"), new byte[0]).close();
            open("127.0.0.2", weir.port("plain"), bytes("GET / HTTP/1.1\r\nHo")).close();
            open("127.0.0.2", weir.port("plain"), bytes(REQUEST)).close();
            RawClient client = tls.raw(weir.port("web"), "a.test");
            if (i % 2 == 0) {
                client.send(REQUEST);
                client.read();
            }
            client.close();
        }
    }

    private static double metric(WeirProcess weir, String name) throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void leaveNothingBehind(String transport) throws Exception {
        byte[] hello = TlsHello.of("a_b.test");
        byte[] half = Arrays.copyOf(hello, hello.length / 2);
        TlsClient tls = new TlsClient(files.resolve("ca.pem"));
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd());
                WeirProcess weir = start(transport, backend)) {
            // What is opened once, as the admin's own connection, is open before the counting begins.
            endAtEachStep(weir, tls, hello, half, 2);
            awaitNothing(weir, Long.MAX_VALUE);
            long before = descriptors(weir).size();
            endAtEachStep(weir, tls, hello, half, EACH);
            awaitNothing(weir, before);
            Socket[] staying = {
                open("127.0.0.1", weir.port("web"), new byte[0]),
                open("127.0.0.1", weir.port("web"), half),
                open("127.0.0.1", weir.port("web"), hello),
                open("127.0.0.2", weir.port("plain"), new byte[0]),
                open("127.0.0.2", weir.port("plain"), bytes("GET / HTTP/1.1\r\nHo")),
                open("127.0.0.2", weir.port("plain"), bytes(REQUEST)),
                open("127.0.0.3", weir.port("rpc"), half),
            };
            awaitNothing(weir, before);
            for (Socket socket : staying) {
                socket.close();
            }
            assertTrue(metric(weir, "weir_connections_broken_total{side=\"client\"}") == 0, weir.stderrText());
        }
    }

    private static void awaitNothing(WeirProcess weir, long descriptors) throws Exception {
        Await.until(
                () -> metric(weir, "weir_connections_open") == 0
                        && metric(weir, "weir_requests_in_flight") == 0
                        && metric(weir, "weir_tunnels_open") == 0
                        && descriptors(weir).size() <= descriptors,
                () -> {
                    try {
                        return "open " + metric(weir, "weir_connections_open") + ", in flight "
                                + metric(weir, "weir_requests_in_flight") + ", descriptors " + descriptors(weir)
                                + ", at most " + descriptors + "; " + weir.stderrText();
                    } catch (Exception e) {
                        return e.toString();
                    }
                });
    }
}
