package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.config.Configuration;
import weir.config.Reading;
import weir.testing.ConsulAgent;
import weir.testing.FreePort;
import weir.testing.RequiresConsul;

/** A configuration under a key of a real agent. */
@RequiresConsul
@Timeout(120)
final class ConsulKeyIT {
    private static final String GOOD = "listeners: {web: \":8080\"}\n";

    @TempDir
    private Path state = Path.of("");

    private ConsulKey key(int port, String... more) throws IOException {
        Map<String, String> environment =
                new HashMap<>(Map.of("CONSUL_HTTP_ADDR", "127.0.0.1:" + port, "STATE_DIRECTORY", state.toString()));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return new ConsulKey("consul:weir/config", environment);
    }

    private static void put(ConsulAgent agent, String value) throws IOException {
        agent.put("/v1/kv/weir/config", value);
    }

    private static String listener(Reading reading) {
        assertEquals(List.of(), reading.problems());
        Configuration configuration = reading.configuration();
        assertNotNull(configuration);
        return configuration.listeners().get("web").address().toString();
    }

    @Test
    void readsTheDocumentAndSaysWhereItIsWrong() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                ConsulKey key = key(agent.port())) {
            assertEquals(
                    "consul:weir/config: no such key",
                    assertThrows(IOException.class, key::read).getMessage());
            put(agent, GOOD + "# ü\n");
            assertEquals(":8080", listener(key.read()));
            put(agent, GOOD + "x: 1\n");
            assertEquals(
                    "consul:weir/config:2:1: unknown key: x",
                    key.read().problems().get(0).toString().replaceFirst(" \\(.*", ""));
        }
    }

    @Test
    void tellsOfEveryOtherValueAndOfNoneTwice() throws Exception {
        ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (ConsulAgent agent = ConsulAgent.dev();
                ConsulKey key = key(agent.port())) {
            put(agent, GOOD);
            assertTrue(key.read().good());
            key.watch(control, () -> {
                try {
                    Reading reading = key.read();
                    told.add(reading.good() ? listener(reading) : "bad");
                } catch (IOException e) {
                    told.add(String.valueOf(e.getMessage()));
                }
            });
            put(agent, GOOD);
            put(agent, GOOD.replace("8080", "8081"));
            assertEquals(":8081", told.poll(5, TimeUnit.SECONDS));
            put(agent, "listeners: {");
            assertEquals("bad", told.poll(5, TimeUnit.SECONDS));
            agent.put("/v1/kv/other", "x");
            put(agent, GOOD.replace("8080", "8082"));
            assertEquals(":8082", told.poll(5, TimeUnit.SECONDS));
            agent.kill();
            Thread.sleep(500);
            assertEquals(":8082", listener(key.read()), "what was seen last, while the agent is down");
            agent.restart();
            agent.awaitLeader();
            assertEquals("consul:weir/config: no such key", told.poll(35, TimeUnit.SECONDS), "it forgot everything");
            put(agent, GOOD.replace("8080", "8083"));
            assertEquals(":8083", told.poll(5, TimeUnit.SECONDS));
            assertNull(told.poll(300, TimeUnit.MILLISECONDS));
        } finally {
            control.shutdownNow();
        }
    }

    @Test
    void keepsWhatWasInForceLast() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            try (ConsulKey key = key(agent.port())) {
                put(agent, GOOD);
                assertTrue(key.read().good());
                assertNull(key.lastGood());
                key.applied();
                put(agent, "listeners: {");
                assertFalse(key.read().good());
            }
            agent.kill();
            try (ConsulKey key = key(agent.port())) {
                IOException down = assertThrows(IOException.class, key::read);
                assertEquals(
                        "consul:weir/config: 127.0.0.1:" + agent.port() + ": connection refused", down.getMessage());
                Reading kept = key.lastGood();
                assertNotNull(kept);
                assertEquals(":8080", listener(kept));
            }
        }
        Path file = state.resolve("config-weir%2Fconfig.yaml");
        assertEquals(GOOD, Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void readsWithTheTokenOfTheEnvironment() throws Exception {
        try (ConsulAgent agent = ConsulAgent.withAcls()) {
            put(agent, GOOD);
            String token = agent.token("key_prefix \"weir/\" { policy = \"read\" }");
            Path file = state.resolve("token");
            Files.writeString(file, token);
            try (ConsulKey with = key(agent.port(), "CONSUL_HTTP_TOKEN", token);
                    ConsulKey byFile = key(agent.port(), "CONSUL_HTTP_TOKEN_FILE", file.toString());
                    ConsulKey without = key(agent.port())) {
                assertTrue(with.read().good());
                assertTrue(byFile.read().good());
                assertThrows(IOException.class, without::read);
            }
        }
    }

    @Test
    void speaksTlsAsTheEnvironmentSays() throws Exception {
        int https = FreePort.take();
        try (ConsulAgent agent = ConsulAgent.withTls(https)) {
            put(agent, GOOD);
            Path files = agent.directory();
            try (ConsulKey key = key(
                    https,
                    "CONSUL_HTTP_SSL",
                    "true",
                    "CONSUL_CACERT",
                    files.resolve("ca.pem").toString(),
                    "CONSUL_TLS_SERVER_NAME",
                    "consul.test",
                    "CONSUL_CLIENT_CERT",
                    files.resolve("client.pem").toString(),
                    "CONSUL_CLIENT_KEY",
                    files.resolve("client.key").toString())) {
                assertTrue(key.read().good());
            }
            try (ConsulKey key = key(https, "CONSUL_HTTP_SSL", "true")) {
                assertThrows(IOException.class, key::read);
            }
        }
    }

    @Test
    void refusesAnEnvironmentItCannotRead() {
        assertEquals(
                "CONSUL_HTTP_ADDR: nowhere (expected: host:port, or a URL such as https://consul.example.com:8501)",
                assertThrows(IOException.class, () -> key(1, "CONSUL_HTTP_ADDR", "nowhere"))
                        .getMessage());
        assertThrows(IOException.class, () -> new ConsulKey("consul:/", Map.of()));
    }
}
