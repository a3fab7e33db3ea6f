package weir.discovery;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ConsulConfig;
import weir.metrics.Metrics;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.FreePort;
import weir.testing.RequiresConsul;

/** Tags in the catalogue of a real agent become routes, and silence takes none away. */
@Timeout(120)
final class ConsulRoutesIT {
    private static final String TAGGED = ", \"Tags\": [\"v1\", \"weir.route=/shop\"]";

    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final ConsulRoutes routes = new ConsulRoutes(control, () -> {});
    private @Nullable ConsulAgents agents;

    @AfterEach
    void stop() throws Exception {
        if (control.isShutdown()) {
            return;
        }
        on(() -> {
            routes.close();
            return true;
        });
        if (agents != null) {
            agents.close();
        }
        control.shutdownNow();
    }

    private <T> T on(Callable<T> task) throws Exception {
        return control.submit(task).get();
    }

    private void follow(int port, Duration hold, @Nullable Path cache) throws Exception {
        ConsulConfig plain =
                DiscoveryFixture.config(null, null, cache == null ? null : cache.toString(), hold, 10, port);
        ConsulConfig config = new ConsulConfig(
                plain.addresses(),
                null,
                null,
                plain.waitTime(),
                plain.staleAfter(),
                plain.cacheFile(),
                hold,
                10,
                null,
                true);
        agents = new ConsulAgents(config, Map.of(), new ConsulCounters(new Metrics(1)));
        on(() -> {
            routes.configure(config, agents);
            return true;
        });
    }

    private Map<String, List<String>> catalogue() throws IOException {
        try {
            return on(routes::catalogue);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private void await(Map<String, List<String>> expected) throws Exception {
        Await.until(() -> routes.answered() && catalogue().equals(expected), () -> {
            try {
                return catalogue() + " (expected: " + expected + ")";
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    @Test
    @RequiresConsul
    void followsTagsOfServicesThatComeChangeAndGo() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            agent.register("plain", 9000);
            follow(agent.port(), Duration.ofSeconds(2), null);
            await(Map.of());
            agent.register("shop", 9001, TAGGED);
            await(Map.of("shop", List.of("weir.route=/shop")));
            agent.register("shop", 9001, ", \"Tags\": [\"weir.route=/market\"]");
            await(Map.of("shop", List.of("weir.route=/market")));
            agent.register("shop", 9001, ", \"Tags\": [\"v1\"]");
            await(Map.of());
            agent.register("shop", 9001, TAGGED);
            await(Map.of("shop", List.of("weir.route=/shop")));
            long gone = System.nanoTime();
            agent.deregister("shop", 9001);
            await(Map.of());
            long held = Duration.ofNanos(System.nanoTime() - gone).toMillis();
            assertTrue(held >= 1_900, "held for " + held + " ms (expected: 2 s)");
        }
    }

    @Test
    @RequiresConsul
    void aServiceThatComesBackInTimeKeepsItsRoutes() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            agent.register("shop", 9001, TAGGED);
            follow(agent.port(), Duration.ofSeconds(3), null);
            await(Map.of("shop", List.of("weir.route=/shop")));
            agent.deregister("shop", 9001);
            Thread.sleep(500);
            agent.register("shop", 9002, TAGGED);
            for (int i = 0; i < 40; i++) {
                assertEquals(Map.of("shop", List.of("weir.route=/shop")), catalogue());
                Thread.sleep(100);
            }
        }
    }

    @Test
    @RequiresConsul
    void knowsTheRoutesWhileConsulIsDown(@TempDir Path directory) throws Exception {
        Path cache = directory.resolve("consul.json");
        try (ConsulAgent agent = ConsulAgent.dev()) {
            agent.register("shop", 9001, TAGGED);
            follow(agent.port(), Duration.ofSeconds(30), cache);
            await(Map.of("shop", List.of("weir.route=/shop")));
            agent.kill();
            Thread.sleep(1_500);
            assertEquals(Map.of("shop", List.of("weir.route=/shop")), catalogue());
            stop();
        }
        ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
        ConsulRoutes next = new ConsulRoutes(later, () -> {});
        ConsulConfig plain = DiscoveryFixture.config(FreePort.take());
        ConsulConfig config = new ConsulConfig(
                plain.addresses(),
                null,
                null,
                plain.waitTime(),
                plain.staleAfter(),
                cache.toString(),
                plain.shrinkHold(),
                10,
                null,
                true);
        try (ConsulAgents nobody = new ConsulAgents(config, Map.of(), new ConsulCounters(new Metrics(1)))) {
            later.submit(() -> next.configure(config, nobody)).get();
            assertTrue(next.answered());
            assertEquals(
                    Map.of("shop", List.of("weir.route=/shop")),
                    later.submit(next::catalogue).get());
            later.submit(next::close).get();
        } finally {
            later.shutdownNow();
        }
    }

    @Test
    void doesNotBelieveAnEmptyCatalogueNorATornOneNorALostServer() throws Exception {
        WireMockServer consul = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        consul.start();
        try {
            answer(consul, 200, "{\"consul\": [], \"shop\": [\"weir.route=/shop\"]}", 10, true);
            follow(consul.port(), Duration.ZERO, null);
            assertFalse(routes.answered() && catalogue().isEmpty());
            await(Map.of("shop", List.of("weir.route=/shop")));
            answer(consul, 200, "{}", 11, true);
            stays(consul);
            answer(consul, 200, "{\"consul\": [], \"sh", 12, true);
            stays(consul);
            answer(consul, 500, "No cluster leader", 12, true);
            stays(consul);
            answer(consul, 200, "{\"consul\": []}", 13, false);
            stays(consul);
            answer(consul, 200, "{\"consul\": []}", 14, true);
            await(Map.of());
        } finally {
            consul.stop();
        }
    }

    private void stays(WireMockServer consul) throws Exception {
        int before = consul.getAllServeEvents().size();
        Await.until(() -> consul.getAllServeEvents().size() >= before + 2, () -> "nobody asks");
        assertEquals(Map.of("shop", List.of("weir.route=/shop")), catalogue());
    }

    private static void answer(WireMockServer consul, int status, String body, int index, boolean leader) {
        consul.stubFor(get(urlPathEqualTo("/v1/catalog/services"))
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("X-Consul-Index", Integer.toString(index))
                        .withHeader("X-Consul-KnownLeader", Boolean.toString(leader))
                        .withFixedDelay(100)
                        .withBody(body)));
    }
}
