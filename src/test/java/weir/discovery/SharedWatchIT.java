package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.service.Service;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.RequiresConsul;

/** More services than connections. */
@RequiresConsul
class SharedWatchIT {
    private static final Duration SOON = Duration.ofMillis(900);

    @Test
    void followsMoreServicesThanItHasConnections() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(
                        DiscoveryFixture.config(null, null, null, Duration.ofSeconds(2), 4, agent.port()))) {
            List<ServiceConfig.Consul> configs = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                agent.register("s." + i, 9000 + i);
                configs.add(DiscoveryFixture.consul("s." + i));
            }
            List<Service> services = weir.follow(configs);
            for (int i = 0; i < 12; i++) {
                DiscoveryFixture.await(services.get(i), 9000 + i);
            }
            assertTrue(connections(agent) <= 4, () -> "connections: " + connections(agent));
            Service shared = services.get(11);
            agent.status("s.11", 9011, "critical");
            assertSoon(DiscoveryFixture.await(shared));
            agent.status("s.11", 9011, "passing");
            assertSoon(DiscoveryFixture.await(shared, 9011));
            agent.register("s.11", 9100);
            assertSoon(DiscoveryFixture.await(shared, 9011, 9100));
            agent.deregister("s.11", 9011);
            assertSoon(DiscoveryFixture.await(shared, 9100));
            agent.put("/v1/agent/maintenance?enable=true", "");
            for (Service service : services) {
                assertSoon(DiscoveryFixture.await(service));
            }
            agent.put("/v1/agent/maintenance?enable=false", "");
            assertSoon(DiscoveryFixture.await(shared, 9100));
            // Without a check only the sweep finds it.
            agent.put(
                    "/v1/agent/service/register",
                    "{\"ID\": \"bare\", \"Name\": \"s.10\", \"Address\": \"127.0.0.1\", \"Port\": 9200}");
            DiscoveryFixture.await(services.get(10), 9010, 9200);
            assertTrue(connections(agent) <= 4, () -> "connections: " + connections(agent));
        }
    }

    @Test
    void givesServicesAQueryOfTheirOwnAgainWhenThereIsRoom() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(
                        DiscoveryFixture.config(null, null, null, Duration.ofSeconds(2), 3, agent.port()))) {
            List<Service> services = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                agent.register("s" + i, 9000 + i);
                services.add(weir.follow("s" + i));
            }
            DiscoveryFixture.await(services.get(3), 9003);
            assertEquals(1.0, watches(weir, "own"));
            assertEquals(3.0, watches(weir, "shared"));
            weir.forget("s0");
            Await.until(() -> watches(weir, "own") == 3, () -> "" + watches(weir, "own"));
            assertEquals(0.0, watches(weir, "shared"));
            agent.register("s3", 9100);
            assertSoon(DiscoveryFixture.await(services.get(3), 9003, 9100));
        }
    }

    private static void assertSoon(Duration took) {
        assertTrue(took.compareTo(SOON) < 0, () -> "took " + took + " (expected: under " + SOON + ")");
    }

    private static double watches(DiscoveryFixture weir, String kind) {
        double[] found = {-1};
        weir.metrics
                .collectors()
                .forEach(collector -> collector.collect((family, value, labels) -> {
                    if (family.text().equals("weir_consul_watches") && labels[1].equals(kind)) {
                        found[0] = value;
                    }
                }));
        return found[0];
    }

    /** Connections of this process to the agent's API, the test's own control connection left out. */
    static long connections(ConsulAgent agent) {
        String remote = String.format(":%04X", agent.port());
        long all = 0;
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of(table))) {
                all += lines.map(line -> line.trim().split("\\s+"))
                        .filter(columns -> columns[2].endsWith(remote) && columns[3].equals("01"))
                        .count();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return all - 1;
    }
}
