package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.FreePort;
import weir.testing.HookedMain;
import weir.testing.Http3Client;
import weir.testing.Http3Site;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** The process ends without shutdown hooks, and nothing that one would have done is missed. */
@Timeout(120)
final class ProcessEndIT {
    @TempDir
    private Path files;

    private static String config(ScriptedBackend backend) {
        return """
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                """.formatted(backend.address());
    }

    private static ScriptedBackend slowBackend() throws Exception {
        return ScriptedBackend.start(connection -> {
            while (connection.readRequest() != null) {
                Thread.sleep(5);
                connection.send(ScriptedBackend.ok("ok"));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writesTheLinesOfRequestsInFlightAndExitsWith0WithoutHooks(boolean longForm) throws Exception {
        try (ScriptedBackend backend = slowBackend();
                WeirProcess weir = new WeirLaunch(config(backend))
                        .main(HookedMain.class)
                        .flags("-D" + HookedMain.LONG_FORM + "=" + longForm)
                        .start();
                Load load = Load.start(weir.port(), "/load", 6)) {
            load.awaitMore(100);
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            load.finish();
            ReloadIT.assertLoggedOnce(weir, load);
            assertTrue(weir.stderrText().endsWith("stopped"), weir::stderrText);
            assertFalse(weir.stderrText().contains(HookedMain.HOOK), weir::stderrText);
        }
    }

    @Test
    void runsHooksWhenHaltingIsOff() throws Exception {
        try (ScriptedBackend backend = slowBackend();
                WeirProcess weir = new WeirLaunch(config(backend))
                        .main(HookedMain.class)
                        .flags("-Dweir.halt=false")
                        .start()) {
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            assertTrue(weir.stderrText().contains(HookedMain.HOOK), weir::stderrText);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void exitsWith2OnABadConfiguration(boolean longForm) throws Exception {
        try (WeirProcess weir = new WeirLaunch("rutes: []")
                .main(HookedMain.class)
                .flags("-D" + HookedMain.LONG_FORM + "=" + longForm)
                .startUnready()) {
            assertEquals(2, weir.awaitExit());
            assertTrue(weir.stderrText().contains("rutes"), weir::stderrText);
        }
    }

    @Test
    void writesOutWhatALogbackAppenderHoldsBack() throws Exception {
        Path log = files.resolve("weir.log");
        Path logback = Files.writeString(files.resolve("logback.xml"), """
                <configuration>
                  <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
                  <appender name="file" class="ch.qos.logback.core.FileAppender">
                    <file>%s</file>
                    <immediateFlush>false</immediateFlush>
                    <encoder><pattern>%%msg%%n</pattern></encoder>
                  </appender>
                  <root level="INFO"><appender-ref ref="file"/></root>
                </configuration>
                """.formatted(log));
        int port = FreePort.take();
        String listener = "listeners: {web: {address: \"127.0.0.1:" + port + "\"}}\n";
        try (ScriptedBackend backend = slowBackend();
                WeirProcess weir = new WeirLaunch(listener + config(backend))
                        .flags("-Dlogback.configurationFile=" + logback)
                        .startUnready()) {
            Await.until(() -> answers(port), () -> "no answer");
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            List<String> lines = Files.readAllLines(log);
            assertEquals("stopped", lines.get(lines.size() - 1));
        }
    }

    private static boolean answers(int port) {
        try {
            return RawClient.get(port, "/").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void leavesNoUnpackedNativeLibraryBehind() throws Exception {
        Http3Site site = new Http3Site(files);
        Path temporary = Files.createDirectory(files.resolve("tmp"));
        try (ScriptedBackend backend = slowBackend();
                WeirProcess weir = new WeirLaunch(site.yaml(backend))
                        .flags("-Djava.io.tmpdir=" + temporary, "-Dio.netty.tmpdir=" + temporary)
                        .start();
                Http3Client client = site.connect(weir)) {
            assertEquals(204, client.get("a.test", "/alive").status());
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            try (Stream<Path> left = Files.list(temporary)) {
                assertEquals(List.of(), left.toList());
            }
        }
    }
}
