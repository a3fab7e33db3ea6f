package weir.discovery;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import weir.config.ServiceConfig;
import weir.service.Service;
import weir.testing.Await;

/** Answers that a real agent does not give on demand. */
class ConsulAnswersIT {
    private static final String PATH = "/v1/health/service/hello";
    private static final String AUTHORIZE = "/v1/internal/acl/authorize";

    private final WireMockServer consul = new WireMockServer(options().dynamicPort());

    @BeforeEach
    void start() {
        consul.start();
        // Whatever is asked beyond what a test scripts has to wait, as blocking queries do.
        consul.stubFor(any(anyUrl()).atPriority(10).willReturn(answer(999).withFixedDelay(60_000)));
    }

    @AfterEach
    void stop() {
        consul.stop();
    }

    private static String instances(int... ports) {
        return Stream.of(java.util.Arrays.stream(ports).boxed().toArray(Integer[]::new))
                .map(port -> "{\"Node\":{\"Node\":\"n\",\"Address\":\"127.0.0.1\"},\"Service\":{\"ID\":\"h" + port
                        + "\",\"Port\":" + port + "},\"Checks\":[{\"CheckID\":\"c\",\"Status\":\"passing\"}]}")
                .toList()
                .toString();
    }

    private static ResponseDefinitionBuilder answer(long index, int... ports) {
        return aResponse()
                .withHeader("X-Consul-Index", Long.toString(index))
                .withHeader("X-Consul-Knownleader", "true")
                .withBody(instances(ports));
    }

    /** Answers to the first request, and to those from an index on. */
    private void script(ResponseDefinitionBuilder first, Map<Integer, ResponseDefinitionBuilder> byIndex) {
        consul.stubFor(get(urlPathEqualTo(PATH))
                .withQueryParam("index", absent())
                .inScenario("s")
                .whenScenarioStateIs("Started")
                .willSetStateTo("asked")
                .willReturn(first));
        byIndex.forEach((index, answer) -> consul.stubFor(get(urlPathEqualTo(PATH))
                .withQueryParam("index", equalTo("" + index))
                .willReturn(answer)));
    }

    /** The answer to the first request without index that comes after the first of all. */
    private void scriptRestart(ResponseDefinitionBuilder answer) {
        consul.stubFor(get(urlPathEqualTo(PATH))
                .withQueryParam("index", absent())
                .inScenario("s")
                .whenScenarioStateIs("asked")
                .willReturn(answer));
    }

    private static Stream<Arguments> uselessAnswers() {
        String torn = instances(9003).substring(0, 60);
        return Stream.of(
                Arguments.of("unavailable", aResponse().withStatus(500).withBody("No cluster leader")),
                Arguments.of("unavailable", aResponse().withStatus(503)),
                Arguments.of("unavailable", aResponse().withStatus(429).withBody("rate limit")),
                Arguments.of("refused", aResponse().withStatus(403).withBody("ACL not found")),
                Arguments.of("rejected", aResponse().withStatus(404).withBody("404 page not found")),
                Arguments.of("malformed", answer(11).withBody(torn)),
                Arguments.of("malformed", answer(11).withBody("")),
                Arguments.of("malformed", answer(11).withBody("{}")),
                Arguments.of("malformed", answer(11).withBody("[{}]")),
                Arguments.of("malformed", answer(11).withBody("<html>502</html>")),
                Arguments.of("unreachable", aResponse().withFault(Fault.EMPTY_RESPONSE)),
                Arguments.of("unreachable", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)),
                Arguments.of("unreachable", answer(11).withFault(Fault.MALFORMED_RESPONSE_CHUNK)));
    }

    @ParameterizedTest
    @MethodSource("uselessAnswers")
    void keepsBackendsOverAUselessAnswerAndAsksAgain(String result, ResponseDefinitionBuilder useless)
            throws Exception {
        script(answer(10, 9001, 9002), Map.of(10, useless));
        scriptRestart(answer(12, 9001, 9002, 9003));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            Service service = weir.follow("hello");
            Set<Integer> before = Set.of(9001, 9002);
            Await.until(
                    () -> {
                        Set<Integer> now = DiscoveryFixture.available(service);
                        assertTrue(now.isEmpty() || now.containsAll(before), () -> "lost some: " + now);
                        return now.contains(9003);
                    },
                    () -> "never asked again: " + service.discovery());
            assertEquals(result.equals("rejected") ? 0 : 1, Math.min(1, weir.requests(result)));
            assertNull(service.discovery().problem());
        }
    }

    @Test
    void startsOverWhenTheIndexGoesBackwards() throws Exception {
        script(answer(50, 9001), Map.of(50, answer(20, 9001, 9002)));
        scriptRestart(answer(21, 9001, 9002, 9003));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001, 9002, 9003);
            Await.until(() -> asked(21) == 1, () -> "never asked from 21");
            assertEquals(0, asked(20));
            assertEquals(1, asked(50));
        }
    }

    @Test
    void takesAnIndexBelowOneForOne() throws Exception {
        script(answer(0, 9001), Map.of(1, answer(2, 9001, 9002)));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            DiscoveryFixture.await(weir.follow("hello"), 9001, 9002);
            assertEquals(0, asked(0));
        }
    }

    private int asked(long index) {
        return consul.findAll(getRequestedFor(urlPathEqualTo(PATH)).withQueryParam("index", equalTo("" + index)))
                .size();
    }

    @Test
    void keepsToAPaceWhenEveryAnswerComesAtOnce() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(10, 9001)));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            DiscoveryFixture.await(weir.follow("hello"), 9001);
            Await.until(() -> asked(10) >= 5, () -> "never that often");
            int before = asked(10);
            Thread.sleep(2_000);
            int more = asked(10) - before;
            assertTrue(more >= 2 && more <= 6, () -> more + " requests in 2 s");
        }
    }

    @Test
    void waitsThroughASlowBody() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11, 9001, 9002).withChunkedDribbleDelay(10, 2_000)));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            Duration took = DiscoveryFixture.await(service, 9001, 9002);
            assertTrue(took.compareTo(Duration.ofSeconds(1)) > 0, took::toString);
            assertEquals(0, weir.requests("timeout"));
        }
    }

    @Test
    void givesABodyUpThatTricklesInForEver() throws Exception {
        script(answer(10, 9001).withChunkedDribbleDelay(200, 300_000), Map.of());
        scriptRestart(answer(12, 9001, 9002));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            Service service = weir.follow("hello");
            assertEquals(List.of("hello"), weir.discovery.unanswered());
            // The silence allowed is 10 s, as much again the trickle: longer than other tests are patient.
            Thread.sleep(12_000);
            assertEquals(0, weir.requests("timeout"), "no silence, no timeout yet");
            DiscoveryFixture.await(service, 9001, 9002);
            assertEquals(1, weir.requests("timeout"));
        }
    }

    @Test
    void doesNotBelieveEmptinessThatTheServerSaysIsFiltered() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11).withHeader("X-Consul-Results-Filtered-By-ACLs", "true")));
        assertNotBelieved();
        assertEquals(
                0,
                consul.findAll(com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor(anyUrl()))
                        .size());
    }

    @Test
    void doesNotBelieveEmptinessOfAServerWithoutLeader() throws Exception {
        script(
                answer(10, 9001),
                Map.of(
                        10,
                        aResponse()
                                .withHeader("X-Consul-Index", "11")
                                .withHeader("X-Consul-Knownleader", "false")
                                .withBody("[]")));
        assertNotBelieved();
    }

    @Test
    void doesNotBelieveEmptinessWhenTheTokenMayNotRead() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11)));
        consul.stubFor(post(urlPathEqualTo(AUTHORIZE)).willReturn(aResponse().withBody("[{\"Allow\": false}]")));
        assertNotBelieved();
    }

    @Test
    void doesNotBelieveEmptinessWhenTheTokenIsUnknownToAnOldAgent() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11)));
        consul.stubFor(post(urlPathEqualTo(AUTHORIZE)).willReturn(aResponse().withStatus(404)));
        consul.stubFor(get(urlPathEqualTo("/v1/acl/token/self"))
                .willReturn(aResponse().withStatus(403).withBody("ACL not found")));
        assertNotBelieved();
    }

    @Test
    void doesNotBelieveEmptinessWhileTheTokenCannotBeLookedAt() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11)));
        consul.stubFor(post(urlPathEqualTo(AUTHORIZE))
                .willReturn(aResponse().withStatus(500).withBody("No cluster leader")));
        try (DiscoveryFixture weir = DiscoveryFixture.of(consul.port())) {
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            Await.until(() -> weir.requests("unavailable") > 0, () -> "" + service.discovery());
            assertEquals(0, service.discovery().held());
            assertEquals(Set.of(9001), DiscoveryFixture.available(service));
        }
    }

    private void assertNotBelieved() throws Exception {
        try (DiscoveryFixture weir =
                DiscoveryFixture.of(DiscoveryFixture.config(null, null, null, Duration.ZERO, 100, consul.port()))) {
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            Await.until(() -> weir.requests("not_believed") > 0, () -> "" + service.discovery());
            Await.until(() -> service.discovery().problem() != null, () -> "" + service.discovery());
            assertEquals(Set.of(9001), DiscoveryFixture.available(service));
            assertEquals(0, service.discovery().held());
        }
    }

    @Test
    void believesEmptinessWhereThereAreNoAcls() throws Exception {
        script(answer(10, 9001), Map.of(10, answer(11)));
        consul.stubFor(post(urlPathEqualTo(AUTHORIZE))
                .willReturn(aResponse().withStatus(401).withBody("ACL support disabled")));
        try (DiscoveryFixture weir = DiscoveryFixture.of(
                DiscoveryFixture.config(null, null, null, Duration.ofMillis(1500), 100, consul.port()))) {
            Service service = weir.follow("hello");
            Await.until(() -> service.discovery().held() == 1, () -> "" + service.discovery());
            assertEquals(Set.of(9001), DiscoveryFixture.available(service));
            DiscoveryFixture.await(service);
        }
    }

    @Test
    void asksForNamespacePartitionAndAllTheRestWithTheTokenInAField() throws Exception {
        consul.stubFor(get(urlPathEqualTo("/v1/health/service/a%20b")).willReturn(answer(10, 9001)));
        ServiceConfig.Consul all = new ServiceConfig.Consul(
                "a b", List.of("v1", "x&y"), "dc2", "team", "part", "_agent", "Service.Meta.a == \"ü\"", "lan");
        try (DiscoveryFixture weir = DiscoveryFixture.of(
                DiscoveryFixture.config(consul.port()), Map.of("CONSUL_HTTP_TOKEN", "secret-token"))) {
            DiscoveryFixture.await(weir.follow(all), 9001);
        }
        var request = consul.findAll(getRequestedFor(urlPathEqualTo("/v1/health/service/a%20b")))
                .get(0);
        assertEquals("secret-token", request.getHeader("X-Consul-Token"));
        assertFalse(request.getUrl().contains("secret"), request.getUrl());
        assertTrue(request.queryParameter("stale").isPresent());
        assertEquals(List.of("v1", "x&y"), request.queryParameter("tag").values());
        assertEquals("dc2", request.queryParameter("dc").firstValue());
        assertEquals("team", request.queryParameter("ns").firstValue());
        assertEquals("part", request.queryParameter("partition").firstValue());
        assertEquals("_agent", request.queryParameter("near").firstValue());
        assertEquals("Service.Meta.a == \"ü\"", request.queryParameter("filter").firstValue());
    }

    @Test
    void asksTheNextAgentWhenOneAnswersWithAnError() throws Exception {
        WireMockServer broken = new WireMockServer(options().dynamicPort());
        broken.start();
        broken.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(500).withBody("No known Consul servers")));
        script(answer(10, 9001), Map.of());
        try (DiscoveryFixture weir = DiscoveryFixture.of(broken.port(), consul.port())) {
            Service service = weir.follow("hello");
            DiscoveryFixture.await(service, 9001);
            Await.until(() -> asked(10) == 1, () -> "never asked from 10");
            assertEquals(1, broken.getAllServeEvents().size(), "the one that answers is asked first from then on");
        } finally {
            broken.stop();
        }
    }
}
