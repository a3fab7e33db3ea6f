package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.FreePort;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.Scratch;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A new configuration takes the place of the old one and nobody notices but by what it changes. */
@Timeout(120)
final class ReloadIT {
    private static String version(Object version, ScriptedBackend... backends) {
        StringBuilder addresses = new StringBuilder();
        for (ScriptedBackend backend : backends) {
            addresses.append(addresses.isEmpty() ? "" : ", ").append(backend.address());
        }
        return """
                routes: [{path: /, service: app, response-headers: {set: {x-version: "%s"}}}]
                services: {app: {backends: [%s]}}
                """.formatted(version, addresses);
    }

    private static void awaitVersion(WeirProcess weir, Object version) throws IOException, InterruptedException {
        Await.until(
                () -> String.valueOf(version)
                        .equals(RawClient.get(weir.port(), "/version").field("x-version")),
                () -> "version " + version + " never came into force: " + weir.stderrText());
    }

    @Test
    void reloadsTwentyTimesUnderLoadWithoutAFailedRequest() throws Exception {
        try (ScriptedBackend stays = ScriptedBackend.saying("stays");
                ScriptedBackend comes = ScriptedBackend.saying("comes and goes");
                WeirProcess weir = new WeirLaunch(version(0, stays)).threads(2).start()) {
            Load load = Load.start(weir.port(), "/load", 4);
            load.awaitMore(100);
            for (int i = 1; i <= 20; i++) {
                weir.rewrite(i % 2 == 0 ? version(i, stays) : version(i, comes, stays));
                if (i % 3 == 0) {
                    weir.signal("HUP");
                }
                awaitVersion(weir, i);
                load.awaitMore(50);
            }
            load.finish();
            assertEquals(List.of(), load.failures());
            long served = weir.backend("app", stays.port()).get("requests").getAsLong();
            assertTrue(
                    served > load.answered().size() / 2,
                    () -> "the counter of a backend that stays began anew: " + served);
            assertLoggedOnce(weir, load);
            weir.awaitStderr("reloaded (SIGHUP)");
            weir.awaitStderr("reloaded (weir.yaml changed)");
        }
    }

    /** Every request of the load has one line, no more and no less. */
    static void assertLoggedOnce(WeirProcess weir, Load load) throws IOException, InterruptedException {
        Await.until(() -> loadLines(weir).size() >= load.answered().size(), () -> "lines are missing");
        List<String> lines = loadLines(weir);
        assertEquals(load.answered().size(), lines.size());
        assertEquals(load.answered(), new TreeSet<>(lines));
    }

    private static List<String> loadLines(WeirProcess weir) {
        return weir.accessLog().stream()
                .map(line -> line.get("path").getAsString())
                .filter(path -> path.startsWith("/load"))
                .toList();
    }

    @Test
    void keepsTheOldConfigurationWhenTheNewOneIsBad() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = WeirProcess.start(version(1, backend))) {
            weir.rewrite("routes: [{path: /, servcie: app}]\nservices: {app: {backends: [nowhere]}}\n");
            String line = weir.awaitStderr("servcie");
            assertTrue(line.matches(".*weir\\.yaml:\\d+:\\d+: .*service.*"), line);
            assertEquals("1", RawClient.get(weir.port(), "/").field("x-version"));
            weir.signal("HUP");
            weir.awaitStderr("not reloaded (SIGHUP)");
            assertEquals("1", RawClient.get(weir.port(), "/").field("x-version"));
            weir.rewrite(version(2, backend));
            awaitVersion(weir, 2);
        }
    }

    @Test
    void followsASwapOfSymbolicLinks() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            Path directory = Scratch.directory("weir-links");
            for (int i = 1; i <= 2; i++) {
                Path version = Files.createDirectory(directory.resolve("v" + i));
                Files.writeString(
                        version.resolve("weir.yaml"),
                        "listeners: {web: {address: \"127.0.0.1:0\"}}\nadmin: {address: \"127.0.0.1:0\"}\n"
                                + version(i, backend));
            }
            // As Kubernetes mounts a ConfigMap: the file is a link into a directory that is a link.
            Files.createSymbolicLink(directory.resolve("..data"), Path.of("v1"));
            Files.createSymbolicLink(directory.resolve("weir.yaml"), Path.of("..data", "weir.yaml"));
            try (WeirProcess weir = new WeirLaunch("").startIn(directory)) {
                awaitVersion(weir, 1);
                Files.createSymbolicLink(directory.resolve("..next"), Path.of("v2"));
                Files.move(directory.resolve("..next"), directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
                awaitVersion(weir, 2);
            }
        }
    }

    @Test
    void opensAndClosesListenersWhileTheOthersStay() throws Exception {
        int port = FreePort.take();
        String second = "listeners: {web: {address: \"127.0.0.1:0\"}, second: {address: \"127.0.0.1:" + port + "\"}}\n";
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = WeirProcess.start(version(1, backend));
                RawClient old = RawClient.connect(weir.port())) {
            String get = "GET /kept HTTP/1.1\r\nHost: a.test\r\n\r\n";
            assertEquals(200, old.send(get).read().status());
            weir.use(second + version(2, backend));
            assertEquals(port, weir.port("second"));
            try (RawClient client = RawClient.connect(port)) {
                assertEquals("2", client.send(get).read().field("x-version"));
                weir.use(version(3, backend));
                assertThrows(ConnectException.class, () -> RawClient.get(port, "/"));
                assertEquals("3", client.send(get).read().field("x-version"), "a reload drops no connection");
            }
            assertEquals("3", old.send(get).read().field("x-version"));
            JsonObject line = weir.awaitLog(l -> l.get("listener").getAsString().equals("second"));
            assertEquals("/kept", line.get("path").getAsString());
        }
    }

    @Test
    void saysWhatNeedsARestartAndAppliesTheRest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = WeirProcess.start("threads: 1\n" + version(1, backend))) {
            weir.rewrite("threads: 2\nadmin: {address: \"127.0.0.1:1\"}\n" + version(2, backend));
            awaitVersion(weir, 2);
            String line = weir.awaitStderr("configuration reloaded");
            assertTrue(line.contains("threads"), line);
            assertTrue(line.contains("admin.address"), line);
        }
    }

    @Test
    void takesBackWhatItOpenedWhenAListenerCannotBeHad() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = WeirProcess.start(version(1, backend))) {
            weir.rewrite("listeners: {web: {address: \"127.0.0.1:0\"}, second: {address: \"127.0.0.1:"
                    + taken.getLocalPort() + "\"}}\n" + version(2, backend));
            weir.awaitStderr("already in use");
            assertEquals("1", RawClient.get(weir.port(), "/").field("x-version"));
        }
    }
}
