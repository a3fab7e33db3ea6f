package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.config.Address;
import weir.config.ConsulConfig;
import weir.metrics.Metrics;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.RequiresConsul;

/** The process in the catalogue of real agents. */
@RequiresConsul
@Timeout(120)
final class ConsulRegistrationIT {
    private static final ConsulRegistration.Self SELF = new ConsulRegistration.Self(
            "weir-h-8080",
            "weir",
            List.of("edge"),
            Map.of("version", "1"),
            new Address("", 8080),
            "http://127.0.0.1:1/readyz");

    private static ConsulRegistration registration(Map<String, String> environment, int... ports) throws IOException {
        ConsulConfig config = DiscoveryFixture.config(ports);
        return new ConsulRegistration(SELF, config, environment, new ConsulCounters(new Metrics(1)));
    }

    private static JsonObject services(ConsulAgent agent) throws IOException {
        return JsonParser.parseString(agent.get("/v1/agent/services")).getAsJsonObject();
    }

    private static void await(ConsulAgent agent, boolean there) throws IOException, InterruptedException {
        Await.until(
                () -> {
                    try {
                        return services(agent).has("weir-h-8080") == there;
                    } catch (IOException e) {
                        return false;
                    }
                },
                () -> "weir-h-8080 is " + (there ? "not there" : "still there"));
    }

    @Test
    void tellsTheAgentEverything() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            try (ConsulRegistration registration = registration(Map.of(), agent.port())) {
                registration.start();
                await(agent, true);
                JsonObject service = services(agent).getAsJsonObject("weir-h-8080");
                assertEquals("weir", service.get("Service").getAsString());
                assertEquals("[\"edge\"]", service.get("Tags").toString());
                assertEquals("{\"version\":\"1\"}", service.get("Meta").toString());
                assertEquals(8080, service.get("Port").getAsInt());
                JsonObject check = JsonParser.parseString(agent.get("/v1/agent/checks"))
                        .getAsJsonObject()
                        .getAsJsonObject("service:weir-h-8080");
                assertEquals("ready", check.get("Name").getAsString());
            }
            assertTrue(!services(agent).has("weir-h-8080"), "deregistered when close returns");
        }
    }

    @Test
    void comesBackAfterAnAgentThatForgotEverything() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                ConsulRegistration registration = registration(Map.of(), agent.port())) {
            registration.start();
            await(agent, true);
            agent.kill();
            agent.restart();
            agent.awaitLeader();
            await(agent, true);
        }
    }

    @Test
    void waitsForAnAgentThatIsNotThereYet() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            agent.kill();
            try (ConsulRegistration registration = registration(Map.of(), agent.port())) {
                registration.start();
                Thread.sleep(500);
                agent.restart();
                agent.awaitLeader();
                await(agent, true);
            }
        }
    }

    @Test
    void usesTheFirstAgentThatAnswersAndLeavesTheOtherWhenItIsBack() throws Exception {
        try (ConsulAgent first = ConsulAgent.dev();
                ConsulAgent second = ConsulAgent.dev()) {
            first.kill();
            try (ConsulRegistration registration = registration(Map.of(), first.port(), second.port())) {
                registration.start();
                await(second, true);
                first.restart();
                first.awaitLeader();
                await(first, true);
                await(second, false);
            }
            await(first, false);
        }
    }

    @Test
    void sendsItsToken() throws Exception {
        try (ConsulAgent agent = ConsulAgent.withAcls()) {
            String token = agent.token("service \"weir\" { policy = \"write\" }");
            try (ConsulRegistration registration = registration(Map.of("CONSUL_HTTP_TOKEN", token), agent.port())) {
                registration.start();
                await(agent, true);
            }
            await(agent, false);
        }
    }

    @Test
    void aSilentAgentDoesNotHoldUpTheEnd() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            ConsulRegistration registration = registration(Map.of(), agent.port());
            registration.start();
            await(agent, true);
            agent.pause(true);
            long begun = System.nanoTime();
            registration.close();
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            agent.pause(false);
            assertTrue(took.toMillis() < 4_000, "took " + took + " (expected: about 2 s)");
        }
    }
}
