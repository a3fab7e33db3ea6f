package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.config.ConsulConfig.Register;
import weir.config.ConsulConfig.Tls;
import weir.config.ServiceConfig.Consul;

/** The section {@code consul}, the key of that name in a service, and Consul's own variables. */
final class ConsulSectionTest {
    private static final String START = "listeners: {web: ':8080'}\n";
    private static final String SERVICE = START + "routes: [{service: a}]\nservices: {a: {consul: sum}}\n";
    private static final List<Address> LOCAL = List.of(new Address("127.0.0.1", 8500));

    private static Configuration read(String yaml, Map<String, String> environment) {
        Reading reading = ConfigurationReader.read("config.yaml", yaml, Path.of("/etc/weir"), environment);
        assertEquals(List.of(), reading.problems());
        assertNotNull(reading.configuration());
        return reading.configuration();
    }

    private static ConsulConfig consul(String yaml, Map<String, String> environment) {
        @Nullable ConsulConfig consul = read(yaml, environment).consul();
        assertNotNull(consul);
        return consul;
    }

    @Test
    void isNotThereWhenNothingAsksForIt() {
        assertNull(read(START, Map.of("CONSUL_HTTP_ADDR", "x:1")).consul());
    }

    @Test
    void hasDefaultsWhenAServiceAsksForIt() {
        assertEquals(
                new ConsulConfig(
                        LOCAL,
                        null,
                        null,
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(10),
                        null,
                        Duration.ofSeconds(30),
                        100,
                        null,
                        false),
                consul(SERVICE, Map.of()));
    }

    @Test
    void readsEveryKey() {
        String yaml = START + """
                consul:
                  addresses: ["a:1", "[::1]:2"]
                  token-file: token
                  tls: {ca: ca.pem, certificate: c.pem, key: /k.pem, verify: false, server-name: server.dc1.consul}
                  wait: 1m
                  stale-after: 2m
                  cache-file: state/consul.json
                  shrink-hold: 0
                  max-connections: 7
                  register: {service: weir, tags: [edge], check: "https://h:1/readyz"}
                  routes-from-tags: true
                """;
        assertEquals(
                new ConsulConfig(
                        List.of(new Address("a", 1), new Address("::1", 2)),
                        "/etc/weir/token",
                        new Tls("/etc/weir/ca.pem", "/etc/weir/c.pem", "/k.pem", false, "server.dc1.consul"),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(2),
                        "/etc/weir/state/consul.json",
                        Duration.ZERO,
                        7,
                        new Register("weir", List.of("edge"), "https://h:1/readyz"),
                        true),
                consul(yaml, Map.of("CONSUL_HTTP_ADDR", "x:1", "CONSUL_HTTP_TOKEN_FILE", "/t")));
    }

    @Test
    void readsEveryKeyOfAService() {
        String keys = "{service: sum, tags: [v1, eu], datacenter: dc2, namespace: n, partition: p, near: _agent,"
                + " filter: 'Service.Meta.version == \"2\"', address: wan_ipv6}";
        assertEquals(
                new Consul(
                        "sum",
                        List.of("v1", "eu"),
                        "dc2",
                        "n",
                        "p",
                        "_agent",
                        "Service.Meta.version == \"2\"",
                        "wan_ipv6"),
                service(SERVICE.replace("consul: sum", "consul: " + keys)).consul());
    }

    private static ServiceConfig service(String yaml) {
        ServiceConfig service = read(yaml, Map.of()).services().get("a");
        assertNotNull(service);
        return service;
    }

    @Test
    void readsShortForms() {
        assertEquals(
                new Consul("sum", List.of(), null, null, null, null, null, "lan"),
                service(SERVICE).consul());
        assertEquals(List.of(), service(SERVICE).backends());
        for (String form : List.of("b:1", "{address: 'b:1'}", "{addresses: 'b:1'}", "{addresses: ['b:1']}")) {
            assertEquals(
                    List.of(new Address("b", 1)),
                    consul(START + "consul: " + form, Map.of()).addresses());
        }
        assertEquals(
                new Register("weir", List.of(), null),
                consul(START + "consul: {register: weir}", Map.of()).register());
    }

    @Test
    void takesWhatTheFileDoesNotSayFromTheVariablesOfConsul() {
        Map<String, String> environment = Map.of(
                "CONSUL_HTTP_ADDR",
                "https://consul.example.com",
                "CONSUL_HTTP_TOKEN_FILE",
                "/run/token",
                "CONSUL_CACERT",
                "/ca.pem",
                "CONSUL_HTTP_SSL_VERIFY",
                "0",
                "CONSUL_TLS_SERVER_NAME",
                "server.dc1.consul");
        ConsulConfig expected = consul(SERVICE, environment);
        assertEquals(List.of(new Address("consul.example.com", 443)), expected.addresses());
        assertEquals("/run/token", expected.tokenFile());
        assertEquals(new Tls("/ca.pem", null, null, false, "server.dc1.consul"), expected.tls());
        assertEquals(expected, consul(START + "consul: {}", environment));
        assertEquals(expected, ConsulEnvironment.read(environment));
    }

    @Test
    void readsTheSchemeOfAnAddressOnlyWhenItTakesTheAddress() {
        Map<String, String> environment = Map.of("CONSUL_HTTP_ADDR", "https://c:1");
        assertNull(consul(START + "consul: b:1", environment).tls());
        assertNotNull(consul(START + "consul: {}", environment).tls());
        assertNotNull(
                consul(START + "consul: b:1", Map.of("CONSUL_HTTP_SSL", "true")).tls());
    }

    @Test
    void readsEveryFormOfAnAddress() {
        Map<String, Address> forms = Map.of(
                "10.0.0.1:8500", new Address("10.0.0.1", 8500),
                "http://c:8500/", new Address("c", 8500),
                "http://c", new Address("c", 80),
                "http://[::1]", new Address("::1", 80),
                "HTTPS://c:8501", new Address("c", 8501));
        forms.forEach((text, address) -> assertEquals(
                List.of(address),
                ConsulEnvironment.read(Map.of("CONSUL_HTTP_ADDR", text)).addresses()));
        assertEquals(
                LOCAL, ConsulEnvironment.read(Map.of("CONSUL_HTTP_ADDR", "")).addresses());
    }

    @Test
    void saysWhichVariableIsWrong() {
        for (String address : List.of("unix:///run/consul.sock", "c", "http://c:x", "http://c:1/prefix")) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> ConsulEnvironment.read(Map.of("CONSUL_HTTP_ADDR", address)));
            assertTrue(String.valueOf(e.getMessage())
                    .startsWith("CONSUL_HTTP_ADDR: " + address + " (expected: host:port,"));
        }
        Reading reading = ConfigurationReader.read(
                "config.yaml", SERVICE, Path.of("/etc/weir"), Map.of("CONSUL_HTTP_SSL", "perhaps"));
        assertEquals(
                "[config.yaml:3:11: CONSUL_HTTP_SSL: perhaps (expected: true or false)]",
                reading.problems().toString());
    }

    @Test
    void marksThePlaceOfRoutesFromTags() {
        List<RouteConfig> routes = read(
                        START + "consul: {routes-from-tags: true}\nroutes:\n"
                                + "  - {path: /a, respond: 204}\n  - from-tags: true\n  - respond: 404\n",
                        Map.of())
                .routes();
        assertEquals(
                List.of(false, true, false),
                routes.stream().map(RouteConfig::fromTags).toList());
        assertEquals(
                List.of(false, false, true),
                routes.stream().map(RouteConfig::matchesAll).toList());
        assertEquals("from-tags", routes.get(1).name());
    }
}
