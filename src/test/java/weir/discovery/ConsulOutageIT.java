package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ConsulConfig;
import weir.service.Backend;
import weir.service.Service;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.FreePort;
import weir.testing.RequiresConsul;
import weir.testing.RequiresTool;
import weir.testing.TestCertificates;

/** Real agents that fail, refuse and come back: what is known stays. */
@RequiresConsul
class ConsulOutageIT {
    private static final Backend[] NONE = {};

    @TempDir
    private Path directory;

    /** Looks for a while whether the same backends stay, all the time. */
    private static void assertStay(Service service, Duration time, Integer... ports) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            assertEquals(
                    new java.util.TreeSet<>(List.of(ports)),
                    DiscoveryFixture.available(service),
                    () -> "" + service.discovery());
            assertNotNull(service.pick(NONE, 0));
            Thread.sleep(5);
        }
    }

    private static void awaitProblem(Service service) throws IOException, InterruptedException {
        Await.until(() -> service.discovery().problem() != null, () -> "no problem noticed");
    }

    @Test
    void keepsBackendsOverAKilledAgentAndFollowsTheOneThatComesBack() throws Exception {
        try (ConsulAgent agent = ConsulAgent.server();
                DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            agent.register("hello", 9001);
            agent.register("hello", 9002);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001, 9002);
            agent.kill();
            awaitProblem(service);
            assertStay(service, Duration.ofSeconds(2), 9001, 9002);
            assertTrue(weir.requests("unreachable") > 0);
            agent.restart();
            agent.awaitLeader();
            agent.register("hello", 9003);
            // An agent that starts holds checks for critical until they are run.
            agent.status("hello", 9001, "passing");
            agent.status("hello", 9002, "passing");
            DiscoveryFixture.await(service, 9001, 9002, 9003);
            assertNull(service.discovery().problem());
        }
    }

    @Test
    void keepsBackendsWhileTheAgentHangs() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            agent.register("hello", 9001);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            agent.pause(true);
            assertStay(service, Duration.ofSeconds(1), 9001);
            agent.pause(false);
            agent.register("hello", 9002);
            DiscoveryFixture.await(service, 9001, 9002);
        }
    }

    @Test
    void followsAnAgentThatStartsOverWithALowerIndex() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(
                        DiscoveryFixture.config(null, null, null, Duration.ofSeconds(30), 100, agent.port()))) {
            for (int i = 0; i < 20; i++) {
                agent.put("/v1/kv/filler", "" + i);
            }
            agent.register("hello", 9001);
            agent.register("hello", 9002);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001, 9002);
            agent.kill();
            agent.restart();
            agent.awaitLeader();
            Await.until(() -> service.discovery().held() == 2, () -> "" + service.discovery());
            assertStay(service, Duration.ofSeconds(1), 9001, 9002);
            agent.register("hello", 9001);
            agent.register("hello", 9003);
            DiscoveryFixture.await(service, 9001, 9003);
        }
    }

    @Test
    void asksTheNextAgentWhenOneIsDown() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(FreePort.take(), agent.port())) {
            agent.register("hello", 9001);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            assertNull(service.discovery().problem());
        }
    }

    @Test
    void survivesTheLossOfTheLeaderAndOfTheQuorum() throws Exception {
        List<ConsulAgent> servers = ConsulAgent.cluster();
        ConsulAgent leader = null;
        for (ConsulAgent server : servers) {
            leader = server.leads() ? server : leader;
        }
        assertNotNull(leader);
        ConsulAgent lost = leader;
        ConsulAgent asked =
                servers.stream().filter(server -> server != lost).findFirst().orElseThrow();
        try (DiscoveryFixture weir = DiscoveryFixture.of(asked.port())) {
            asked.register("hello", 9001);
            asked.register("hello", 9002);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001, 9002);
            leader.kill();
            assertStay(service, Duration.ofSeconds(4), 9001, 9002);
            asked.awaitLeader();
            asked.status("hello", 9002, "critical");
            DiscoveryFixture.await(service, 9001);
            for (ConsulAgent server : servers) {
                if (server != asked) {
                    server.kill();
                }
            }
            assertStay(service, Duration.ofSeconds(4), 9001);
            // Whoever asks anew is answered by the last server out of what it knows.
            Service another = weir.follow("consul");
            Await.until(() -> another.discovery().answered() != null, () -> "" + another.discovery());
        } finally {
            for (ConsulAgent server : servers) {
                server.close();
            }
        }
    }

    @Test
    void startsFromTheCacheWhileConsulIsDown() throws Exception {
        Path cache = directory.resolve("state/consul.json");
        int port;
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(DiscoveryFixture.config(
                        null, null, cache.toString(), Duration.ofSeconds(2), 100, agent.port()))) {
            port = agent.port();
            agent.register("hello", 9001, ", \"Weights\": {\"Passing\": 3, \"Warning\": 1}");
            agent.register("hello", 9002);
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001, 9002);
            agent.status("hello", 9002, "critical");
            DiscoveryFixture.await(service, 9001);
        }
        assertTrue(Files.size(cache) > 0);
        try (DiscoveryFixture weir = DiscoveryFixture.of(
                DiscoveryFixture.config(null, null, cache.toString(), Duration.ofSeconds(2), 100, port))) {
            Service service = weir.follow("hello");
            assertEquals(List.of(), weir.discovery.unanswered(), "the cache counts as an answer");
            assertEquals(3, DiscoveryFixture.backend(service, 9001).weight());
            assertEquals(java.util.Set.of(9002), DiscoveryFixture.out(service));
            assertTrue(service.discovery().cached());
            awaitProblem(service);
            Service unknown = weir.follow("unknown");
            assertEquals(List.of("unknown"), weir.discovery.unanswered());
            assertEquals(List.of(), unknown.backends());
        }
    }

    @Test
    void believesAnEmptyAnswerOnlyWithTheRightToo() throws Exception {
        try (ConsulAgent agent = ConsulAgent.withAcls()) {
            agent.register("hello", 9001);
            String reader =
                    agent.token("service_prefix \"\" { policy = \"read\" } node_prefix \"\" { policy = \"read\" }");
            Path file = directory.resolve("token");
            Files.writeString(file, reader + "\n");
            ConsulConfig config =
                    DiscoveryFixture.config(file.toString(), null, null, Duration.ofMillis(100), 100, agent.port());
            try (DiscoveryFixture weir = DiscoveryFixture.of(config)) {
                Service service = weir.follow("hello");
                DiscoveryFixture.await(service, 9001);
                agent.register("hello", 9002);
                DiscoveryFixture.await(service, 9001, 9002);
                // No token at all: 200 with []. The question under way may still have had it, and is answered at a
                // change.
                Files.writeString(file, "");
                AtomicInteger changes = new AtomicInteger();
                Await.until(
                        () -> {
                            agent.status("hello", 9001, changes.getAndIncrement() % 2 == 0 ? "warning" : "passing");
                            return weir.requests("not_believed") > 0;
                        },
                        () -> "" + service.discovery());
                assertStay(service, Duration.ofSeconds(2), 9001, 9002);
                agent.register("hello", 9003);
                Files.writeString(file, reader);
                DiscoveryFixture.await(service, 9001, 9002, 9003);
                agent.deregister("hello", 9003);
                agent.deregister("hello", 9001);
                agent.deregister("hello", 9002);
                DiscoveryFixture.await(service);
                assertNull(service.discovery().problem(), "this emptiness is believed");
            }
        }
    }

    @Test
    void takesARotatedTokenWithoutRestart() throws Exception {
        try (ConsulAgent agent = ConsulAgent.withAcls()) {
            agent.register("hello", 9001);
            String rules = "service_prefix \"\" { policy = \"read\" } node_prefix \"\" { policy = \"read\" }";
            String first = agent.token(rules);
            Path file = directory.resolve("token");
            Files.writeString(file, first);
            ConsulConfig config = DiscoveryFixture.config(null, null, null, Duration.ofSeconds(30), 100, agent.port());
            try (DiscoveryFixture weir =
                    DiscoveryFixture.of(config, Map.of("CONSUL_HTTP_TOKEN_FILE", file.toString()))) {
                Service service = weir.follow("hello");
                DiscoveryFixture.await(service, 9001);
                String second = agent.token(rules);
                agent.revoke(first);
                agent.register("hello", 9002);
                Await.until(() -> weir.requests("refused") > 0, () -> "never refused: " + service.discovery());
                assertStay(service, Duration.ofMillis(500), 9001);
                Files.writeString(file, second);
                DiscoveryFixture.await(service, 9001, 9002);
            }
        }
    }

    @Test
    @RequiresTool("openssl")
    void speaksMutualTlsToTheAgent() throws Exception {
        int https = FreePort.take();
        try (ConsulAgent agent = ConsulAgent.withTls(https)) {
            agent.register("hello", 9001);
            Path files = agent.directory();
            String ca = files.resolve("ca.pem").toString();
            ConsulConfig.Tls good = new ConsulConfig.Tls(
                    ca,
                    files.resolve("client.pem").toString(),
                    files.resolve("client.key").toString(),
                    true,
                    "consul.test");
            try (DiscoveryFixture weir =
                    DiscoveryFixture.of(DiscoveryFixture.config(null, good, null, Duration.ofSeconds(2), 100, https))) {
                DiscoveryFixture.await(weir.follow("hello"), 9001);
            }
            TestCertificates.write(directory);
            Path renewed = directory.resolve("ca.pem");
            ConsulConfig.Tls wrongAtFirst =
                    new ConsulConfig.Tls(renewed.toString(), good.certificate(), good.key(), true, "consul.test");
            try (DiscoveryFixture weir = DiscoveryFixture.of(
                    DiscoveryFixture.config(null, wrongAtFirst, null, Duration.ofSeconds(2), 100, https))) {
                Service service = weir.follow("hello");
                awaitProblem(service);
                Files.copy(files.resolve("ca.pem"), renewed, StandardCopyOption.REPLACE_EXISTING);
                DiscoveryFixture.await(service, 9001);
            }
            for (ConsulConfig.Tls bad : List.of(
                    new ConsulConfig.Tls(ca, null, null, true, "consul.test"),
                    new ConsulConfig.Tls(ca, good.certificate(), good.key(), true, "other.test"),
                    new ConsulConfig.Tls(null, good.certificate(), good.key(), true, "consul.test"))) {
                try (DiscoveryFixture weir = DiscoveryFixture.of(
                        DiscoveryFixture.config(null, bad, null, Duration.ofSeconds(2), 100, https))) {
                    Service service = weir.follow("hello");
                    awaitProblem(service);
                    assertEquals(List.of(), service.backends(), bad.toString());
                }
            }
        }
    }
}
