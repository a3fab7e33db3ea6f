package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Service;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.RequiresConsul;

/** What a real agent says reaches the pick, and how fast. */
@RequiresConsul
class ConsulDiscoveryIT {
    /** "Well under a second"; what follows an idle moment takes a few milliseconds. */
    private static final Duration SOON = Duration.ofMillis(800);

    private static ConsulAgent agent;

    @BeforeAll
    static void start() throws IOException {
        agent = ConsulAgent.dev();
    }

    @AfterAll
    static void stop() throws IOException {
        agent.close();
    }

    private static void assertSoon(Duration took) {
        assertTrue(took.compareTo(SOON) < 0, () -> "took " + took + " (expected: under " + SOON + ")");
    }

    @Test
    void followsInstancesThatComeAndGo() throws Exception {
        agent.register("come-and-go", 9001);
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow("come-and-go");
            DiscoveryFixture.await(service, 9001);
            assertEquals(List.of(), weir.discovery.unanswered());
            agent.register("come-and-go", 9002);
            assertSoon(DiscoveryFixture.await(service, 9001, 9002));
            agent.deregister("come-and-go", 9001);
            assertSoon(DiscoveryFixture.await(service, 9002));
        }
    }

    @Test
    void takesOutWhatIsCriticalOrInMaintenanceWithItsReason() throws Exception {
        agent.register("flips", 9001);
        agent.register("flips", 9002);
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow("flips");
            DiscoveryFixture.await(service, 9001, 9002);
            Backend backend = DiscoveryFixture.backend(service, 9001);
            agent.status("flips", 9001, "critical");
            assertSoon(DiscoveryFixture.await(service, 9002));
            assertEquals(
                    "critical: check Service 'flips' check: set by a test",
                    backend.unavailability(Reason.CONSUL).why());
            agent.status("flips", 9001, "passing");
            assertSoon(DiscoveryFixture.await(service, 9001, 9002));
            agent.maintenance("flips", 9001, true);
            assertSoon(DiscoveryFixture.await(service, 9002));
            assertEquals(
                    "maintenance: upgrade",
                    backend.unavailability(Reason.CONSUL).why());
            agent.maintenance("flips", 9001, false);
            assertSoon(DiscoveryFixture.await(service, 9001, 9002));
            agent.status("flips", 9001, "critical");
            agent.status("flips", 9002, "critical");
            assertSoon(DiscoveryFixture.await(service));
            assertEquals(2, service.backends().size(), "critical is news, not loss");
            assertTrue(backend == DiscoveryFixture.backend(service, 9001), "the same backend all the time");
        }
    }

    @Test
    void putsWholeNodesIntoMaintenance() throws Exception {
        try (ConsulAgent own = ConsulAgent.dev();
                DiscoveryFixture weir = DiscoveryFixture.of(own.port())) {
            own.register("node", 9001);
            Service service = weir.follow("node");
            DiscoveryFixture.await(service, 9001);
            own.put("/v1/agent/maintenance?enable=true&reason=disk", "");
            assertSoon(DiscoveryFixture.await(service));
            own.put("/v1/agent/maintenance?enable=false", "");
            assertSoon(DiscoveryFixture.await(service, 9001));
        }
    }

    @Test
    void weighsByStatusAndFollowsWeightsMetaAndTags() throws Exception {
        String weights = ", \"Weights\": {\"Passing\": 10, \"Warning\": 2}";
        agent.register(
                "weights", 9001, weights + ", \"Tags\": [\"v1\"], \"Meta\": {\"zone\": \"a\", \"version\": \"1\"}");
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow("weights");
            DiscoveryFixture.await(service, 9001);
            Backend backend = DiscoveryFixture.backend(service, 9001);
            assertEquals(10, backend.weight());
            assertEquals("a", backend.endpoint().zone());
            assertEquals(List.of("v1"), backend.endpoint().tags());
            assertEquals(Map.of("zone", "a", "version", "1"), backend.endpoint().meta());
            agent.status("weights", 9001, "warning");
            Await.until(() -> backend.weight() == 2, () -> "weight " + backend.weight());
            assertTrue(backend.available(), "warning is not out");
            agent.register(
                    "weights", 9001, ", \"Weights\": {\"Passing\": 7, \"Warning\": 1}, \"Meta\": {\"version\": \"2\"}");
            agent.status("weights", 9001, "passing");
            Await.until(() -> backend.weight() == 7, () -> "weight " + backend.weight());
            assertEquals(Map.of("version", "2"), backend.endpoint().meta());
            assertNull(backend.endpoint().zone());
        }
    }

    @Test
    void narrowsByTagsAndFilter() throws Exception {
        agent.register("narrow", 9001, ", \"Tags\": [\"v1\", \"eu\"], \"Meta\": {\"version\": \"1\"}");
        agent.register("narrow", 9002, ", \"Tags\": [\"v2\", \"eu\"], \"Meta\": {\"version\": \"2\"}");
        agent.register("narrow", 9003, ", \"Tags\": [\"v2\"], \"Meta\": {\"version\": \"3\"}");
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow(consul("narrow", List.of("v2", "eu"), null, "lan"));
            DiscoveryFixture.await(service, 9002);
            weir.follow(consul("narrow", List.of(), "Service.Meta.version == \"3\"", "lan"));
            DiscoveryFixture.await(service, 9003);
            weir.follow(consul("narrow", List.of("eu"), null, "lan"));
            DiscoveryFixture.await(service, 9001, 9002);
        }
    }

    @Test
    void choosesTaggedAddresses() throws Exception {
        agent.register(
                "tagged",
                9001,
                ", \"TaggedAddresses\": {\"lan\": {\"Address\": \"127.0.0.2\", \"Port\": 9101},"
                        + " \"wan\": {\"Address\": \"127.0.0.3\", \"Port\": 9201},"
                        + " \"lan_ipv6\": {\"Address\": \"::1\", \"Port\": 9301}}");
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow(consul("tagged", List.of(), null, "lan"));
            DiscoveryFixture.await(service, 9101);
            weir.follow(consul("tagged", List.of(), null, "wan"));
            DiscoveryFixture.await(service, 9201);
            assertEquals("127.0.0.3:9201", service.backends().get(0).address());
            weir.follow(consul("tagged", List.of(), null, "lan_ipv6"));
            DiscoveryFixture.await(service, 9301);
            assertEquals("[::1]:9301", service.backends().get(0).address());
        }
    }

    @Test
    void letsOneOfTwoGoAtOnceAndHoldsTheLast() throws Exception {
        agent.register("last", 9001);
        agent.register("last", 9002);
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow("last");
            DiscoveryFixture.await(service, 9001, 9002);
            agent.deregister("last", 9002);
            assertSoon(DiscoveryFixture.await(service, 9001));
            agent.deregister("last", 9001);
            Await.until(() -> service.discovery().held() == 1, () -> "" + service.discovery());
            assertEquals(1, DiscoveryFixture.available(service).size());
            Duration landed = DiscoveryFixture.await(service);
            assertTrue(landed.compareTo(Duration.ofSeconds(1)) > 0, () -> "held only " + landed);
            assertEquals(0, service.discovery().held());
        }
    }

    @Test
    void forgetsServicesThatAreNoLongerConfigured() throws Exception {
        agent.register("forgotten", 9001);
        try (DiscoveryFixture weir = DiscoveryFixture.of(agent.port())) {
            Service service = weir.follow("forgotten");
            DiscoveryFixture.await(service, 9001);
            assertNotNull(service.discovery().answered());
            weir.forget("forgotten");
            long asked = weir.requests("ok");
            agent.register("forgotten", 9002);
            agent.register("other", 9001);
            Service other = weir.follow("other");
            DiscoveryFixture.await(other, 9001);
            assertTrue(weir.requests("ok") <= asked + 2, "the old watch still asks");
        }
    }

    private static ServiceConfig.Consul consul(String name, List<String> tags, String filter, String address) {
        return new ServiceConfig.Consul(name, tags, null, null, null, null, filter, address);
    }
}
