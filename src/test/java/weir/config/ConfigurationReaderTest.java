package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.RouteConfig.HeaderEdits;
import weir.config.RouteConfig.HostHeader;
import weir.config.RouteConfig.Redirect;
import weir.config.RouteConfig.Respond;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Ejection;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.Limits;
import weir.config.ServiceConfig.Pool;
import weir.config.ServiceConfig.Retry;
import weir.config.ServiceConfig.Timeouts;

final class ConfigurationReaderTest {
    private static final String WEB = "listeners: {web: ':8080'}\n";
    private static final String SERVICE =
            WEB + "routes: [{service: a}]\nservices:\n  a:\n    backends: [127.0.0.1:1]\n";

    private static Configuration read(String yaml) {
        Reading reading = ConfigurationReader.read(
                "config.yaml", yaml, Path.of("/etc/weir"), Map.of("PORT", "8081", "EMPTY", "", "TEXT", "a: [b"));
        assertEquals(List.of(), reading.problems());
        Configuration configuration = reading.configuration();
        assertNotNull(configuration);
        return configuration;
    }

    private static RouteConfig route(String yaml) {
        return read(WEB + "services: {a: {backends: [127.0.0.1:1]}}\nroutes:\n  - " + yaml + "\n")
                .routes()
                .get(0);
    }

    private static ServiceConfig service(String yaml) {
        ServiceConfig service = read(SERVICE + "    " + yaml + "\n").services().get("a");
        assertNotNull(service);
        return service;
    }

    @Test
    void aListenerAloneHasAllDefaults() {
        Configuration configuration = read(WEB);
        assertEquals(Map.of("web", new ListenerConfig("web", new Address("", 8080))), configuration.listeners());
        assertEquals(List.of(), configuration.routes());
        assertEquals(Map.of(), configuration.services());
        assertEquals(LimitsConfig.DEFAULT, configuration.limits());
        assertEquals(List.of(), configuration.trustedProxies());
        assertEquals(AccessLogConfig.DEFAULT, configuration.accessLog());
        assertEquals(AdminConfig.DEFAULT, configuration.admin());
        assertEquals(ShutdownConfig.DEFAULT, configuration.shutdown());
        assertEquals(ThreadsConfig.AUTO, configuration.threads());
    }

    @Test
    void emptySectionsHaveAllDefaults() {
        Configuration configuration = read(
                WEB + "limits:\naccess-log:\n  # format: json\nshutdown: {}\ntrusted-proxies:\nroutes:\nservices:\n");
        assertEquals(LimitsConfig.DEFAULT, configuration.limits());
        assertEquals(AccessLogConfig.DEFAULT, configuration.accessLog());
        assertEquals(ShutdownConfig.DEFAULT, configuration.shutdown());
    }

    @Test
    void aServiceWithBackendsAloneHasAllDefaults() {
        ServiceConfig service = service("");
        assertEquals(Balance.ROUND_ROBIN, service.balance());
        assertEquals(ServiceConfig.DEFAULT_DNS_REFRESH, service.dnsRefresh());
        assertNull(service.healthCheck());
        assertEquals(Ejection.DEFAULT, service.ejection());
        assertEquals(Retry.DEFAULT, service.retry());
        assertEquals(Timeouts.DEFAULT, service.timeouts());
        assertEquals(Limits.DEFAULT, service.limits());
        assertEquals(Pool.DEFAULT, service.pool());
    }

    @Test
    void readsAddresses() {
        Configuration configuration = read("""
                listeners:
                  a: ":8080"
                  b: {address: "[::1]:80", protocol: http}
                  c: 127.0.0.1:0
                  d: "localhost:8081"
                """);
        assertEquals(
                List.of(
                        new Address("", 8080),
                        new Address("::1", 80),
                        new Address("127.0.0.1", 0),
                        new Address("localhost", 8081)),
                configuration.listeners().values().stream()
                        .map(ListenerConfig::address)
                        .toList());
    }

    @Test
    void readsBackendsInShortAndLongForm() {
        assertEquals(
                List.of("127.0.0.1:1"),
                service("").backends().stream().map(b -> b.address().toString()).toList());
        ServiceConfig service = read(WEB + "routes: [{service: a}]\nservices:\n  a:\n    backends:\n"
                        + "      - {address: 127.0.0.1:9001, weight: 2, zone: a}\n      - app:9002\n"
                        + "      - {address: '[::1]:9003', weight: 0, zone: null}\n")
                .services()
                .get("a");
        assertNotNull(service);
        assertEquals(
                List.of(
                        new ServiceConfig.StaticBackend(
                                new Address("127.0.0.1", 9001), 2, "a", new Location("config.yaml", 6, 19)),
                        new ServiceConfig.StaticBackend(
                                new Address("app", 9002), 1, null, new Location("config.yaml", 7, 9)),
                        new ServiceConfig.StaticBackend(
                                new Address("::1", 9003), 0, null, new Location("config.yaml", 8, 19))),
                service.backends());
    }

    @Test
    void oneScalarStandsForAListOfOne() {
        ServiceConfig service = read(WEB + "routes: [{methods: GET, service: a}]\ntrusted-proxies: 10.0.0.0/8\n"
                        + "services: {a: {backends: 127.0.0.1:1, ejection: {statuses: 500}}}\n")
                .services()
                .get("a");
        assertNotNull(service);
        assertEquals(1, service.backends().size());
        assertEquals(Set.of(500), service.ejection().statuses());
    }

    @Test
    void anEmptyListOfBackendsIsAServiceWithoutBackends() {
        ServiceConfig service = read(WEB + "routes: [{service: a}]\nservices: {a: {backends: []}}\n")
                .services()
                .get("a");
        assertNotNull(service);
        assertEquals(List.of(), service.backends());
    }

    @Test
    void readsHealthChecks() {
        HealthCheck defaults = HealthCheck.DEFAULT;
        assertEquals(
                new HealthCheck(
                        HealthCheck.Type.HTTP,
                        "/health?a=b",
                        null,
                        0,
                        200,
                        399,
                        null,
                        defaults.interval(),
                        defaults.timeout(),
                        2,
                        3),
                service("health-check: /health?a=b").healthCheck());
        assertEquals(
                new HealthCheck(
                        HealthCheck.Type.HTTP,
                        "/health",
                        "hello",
                        9101,
                        200,
                        204,
                        "ok",
                        Duration.ofMillis(250),
                        Duration.ofMinutes(2),
                        4,
                        5),
                service("health-check: {type: http, path: /health, host: hello, port: 9101, status: 200-204, body: ok,"
                                + " interval: 250ms, timeout: 2m, healthy-after: 4, unhealthy-after: 5}")
                        .healthCheck());
        HealthCheck tcp = service("health-check: {type: tcp}").healthCheck();
        assertNotNull(tcp);
        assertEquals(HealthCheck.Type.TCP, tcp.type());
        HealthCheck grpc =
                service("health-check: {type: grpc, service: a.B, host: h}").healthCheck();
        assertNotNull(grpc);
        assertEquals(HealthCheck.Type.GRPC, grpc.type());
        assertEquals("a.B", grpc.grpcService());
        assertEquals("", service("health-check: {type: grpc}").healthCheck().grpcService());
        assertEquals(defaults, service("health-check: {}").healthCheck());
        assertNull(service("health-check: null").healthCheck());
        HealthCheck exact = service("health-check: {status: 204}").healthCheck();
        assertNotNull(exact);
        assertEquals(204, exact.minimumStatus());
        assertEquals(204, exact.maximumStatus());
    }

    @Test
    void readsWhatFollowsFailures() {
        assertEquals(
                new Ejection(0, Set.of(500), 7, Duration.ofSeconds(1), Duration.ofSeconds(1), 100),
                service("ejection: {consecutive-errors: 0, statuses: [500], consecutive-connect-failures: 7,"
                                + " base-time: 1s, max-time: 1s, max-percent: 100}")
                        .ejection());
        assertEquals(
                new Retry(3, false, true, Set.of(503), Set.of(14, 8), 0, Duration.ZERO, Duration.ofSeconds(1)),
                service("retry: {attempts: 3, conditions: [reset, \"503\", grpc-unavailable,"
                                + " grpc-resource-exhausted], budget-percent: 0, back-off: 0..1s}")
                        .retry());
        assertEquals(
                new Timeouts(
                        Duration.ZERO,
                        Duration.ofMillis(1),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(3),
                        Duration.ofHours(4),
                        Duration.ofHours(24)),
                service("timeouts: {connect: 0, response-header: 1ms, idle: 2s, request: 3m, tunnel-idle: 4h,"
                                + " tunnel-lifetime: 24h}")
                        .timeouts());
        assertEquals(
                new Limits(0, 5),
                service("limits: {connections-per-backend: 0, requests-per-backend: 5}")
                        .limits());
        assertEquals(
                new Pool(1, Duration.ofSeconds(2), 3),
                service("connection-pool: {idle-per-loop: 1, idle-timeout: 2s, max-requests: 3}")
                        .pool());
    }

    @Test
    void readsEveryKeyOfARoute() {
        RouteConfig route = route("{name: n, host: \"*.Example.COM\", exact-path: /sum, methods: [GET, POST],"
                + " headers: {X-Canary: 1}, service: a, rewrite: {strip-prefix: /s}, host-header: app.local:80,"
                + " request-headers: {set: {X-Env: prod}, add: {b: c}, remove: [X-Debug]},"
                + " response-headers: {remove: server}}");
        assertEquals("n", route.name());
        assertEquals("*.example.com", route.host());
        assertEquals("/sum", route.exactPath());
        assertEquals(List.of("GET", "POST"), route.methods());
        assertEquals(Map.of("x-canary", "1"), route.headers());
        assertEquals("a", route.service());
        assertEquals("/s", route.stripPrefix());
        assertEquals(new HostHeader(HostHeader.Kind.NAME, "app.local:80"), route.hostHeader());
        assertEquals(
                new HeaderEdits(Map.of("x-env", "prod"), Map.of("b", "c"), List.of("x-debug")), route.requestHeaders());
        assertEquals(new HeaderEdits(Map.of(), Map.of(), List.of("server")), route.responseHeaders());
        assertEquals(new Location("config.yaml", 4, 5), route.location());
    }

    @Test
    void readsRoutesThatAnswerThemselves() {
        assertEquals(
                new Redirect("https://x{path}{query}", 302),
                route("redirect: https://x{path}{query}").redirect());
        assertEquals(
                new Redirect("/x", 308),
                route("redirect: {to: /x, status: 308}").redirect());
        assertEquals(new Respond(204, "", Map.of()), route("respond: 204").respond());
        assertEquals(
                new Respond(200, "hi\n", Map.of("content-type", "text/plain")),
                route("respond: {body: \"hi\\n\", headers: {Content-Type: text/plain}}")
                        .respond());
    }

    @Test
    void namesRoutesAfterHostAndPathAndMakesNamesUnique() {
        assertEquals(
                List.of("/a", "/a#3", "/a#2", "/", "h.example/b", "~^/v", "*.h.example/", "h.example/b#2"),
                read(WEB + """
                        services: {a: {backends: [x:1]}}
                        routes:
                          - {path: /a, service: a}
                          - {path: /a, methods: GET, service: a}
                          - {name: "/a#2", service: a}
                          - {service: a}
                          - {host: h.example, path: /b, service: a}
                          - {path-regex: ^/v, service: a}
                          - {host: "*.h.example", service: a}
                          - {host: h.example, exact-path: /b, service: a}
                        """).routes().stream().map(RouteConfig::name).toList());
    }

    @Test
    void keepsTextThatYamlWouldTakeForSomethingElse() {
        RouteConfig route =
                route("{name: off, headers: {a: yes, b: 0777, c: 1e3, d: 2024-01-01, e: null}, service: a}");
        assertEquals("off", route.name());
        assertEquals(Map.of("a", "yes", "b", "0777", "c", "1e3", "d", "2024-01-01", "e", "null"), route.headers());
    }

    @Test
    void substitutesVariablesAfterParsing() {
        Configuration configuration = read("""
                listeners: {web: "127.0.0.1:${PORT}"}
                routes:
                  - {path: /a, respond: {body: "${TEXT}"}}
                  - {path: /b, respond: {body: "$${PORT} ${NONE:de:fault} [${NONE:}${EMPTY:x}] $5 $"}}
                """);
        assertEquals(
                new Address("127.0.0.1", 8081),
                configuration.listeners().get("web").address());
        assertEquals(
                List.of("a: [b", "${PORT} de:fault [] $5 $"),
                configuration.routes().stream().map(r -> r.respond().body()).toList());
    }

    @Test
    void readsTheProcessKeys() {
        Configuration configuration = read(WEB + """
                access-log: {format: "{time} {status}", output: file, file: logs/a.log, rotate: {size: 0, keep: 1}, when-full: pause}
                admin: {address: "0.0.0.0:0", token-file: ../token, read-only: false}
                shutdown: {delay: 5s, drain-timeout: 0}
                threads: 3
                trusted-proxies: [10.0.0.0/8, 192.0.2.1, "fd00::/8", "::1", 0.0.0.0/0, "::ffff:10.0.0.0/104"]
                limits: {request-line: 1KiB, headers: 8192, header-count: 5, response-headers: 1MiB, body: 5GiB,
                         header-timeout: 1s, body-timeout: 2s, idle-timeout: 3s, connections: 4,
                         connections-per-address: 6, descriptors: 900, underscores: reject, half-closed: abandon,
                         memory: 96MiB}
                """);
        assertEquals(
                new AccessLogConfig(
                        "{time} {status}",
                        AccessLogConfig.Output.FILE,
                        "/etc/weir/logs/a.log",
                        0,
                        1,
                        AccessLogConfig.WhenFull.PAUSE),
                configuration.accessLog());
        assertEquals(new AdminConfig(new Address("0.0.0.0", 0), "/etc/token", false), configuration.admin());
        assertEquals(new ShutdownConfig(Duration.ofSeconds(5), Duration.ZERO), configuration.shutdown());
        assertEquals(new ThreadsConfig(3), configuration.threads());
        assertEquals(
                List.of(
                        Cidr.of("10.0.0.0/8"),
                        Cidr.of("192.0.2.1/32"),
                        Cidr.of("fd00::/8"),
                        Cidr.of("::1/128"),
                        Cidr.of("0.0.0.0/0"),
                        Cidr.of("10.0.0.0/8")),
                configuration.trustedProxies());
        assertEquals(
                new LimitsConfig(
                        1024,
                        8192,
                        5,
                        1024 * 1024,
                        5L << 30,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        4,
                        6,
                        900,
                        LimitsConfig.Underscores.REJECT,
                        LimitsConfig.HalfClosed.ABANDON,
                        96L << 20),
                configuration.limits());
    }

    @Test
    void takesAnAdminAddressBeyondLoopbackWhenReadOnlyOrWithAToken() {
        assertTrue(
                read(WEB + "admin: {address: ':9900', read-only: true}").admin().readOnly());
        assertEquals(
                "/t",
                read(WEB + "admin: {address: ':9900', token-file: /t}").admin().tokenFile());
        assertNull(read(WEB + "admin: {token-file: null}").admin().tokenFile());
        assertEquals(1, read(WEB + "admin: '[::1]:1'").admin().address().port());
        assertEquals(
                "127.8.0.1", read(WEB + "admin: 127.8.0.1:1").admin().address().host());
    }

    @Test
    void anchorsAndAliasesStandForTheirValues() {
        Configuration configuration = read(WEB + """
                routes: [{path: /a, service: a}, {path: /b, service: b}]
                services:
                  a: &common {backends: [x:1], balance: random}
                  b: *common
                """);
        assertEquals("b", configuration.services().get("b").name());
        assertEquals(Balance.RANDOM, configuration.services().get("b").balance());
    }

    @Test
    void keepsTheOrderOfTheFile() {
        assertEquals(
                List.of("z", "a", "m"),
                List.copyOf(read("listeners: {z: ':1', a: ':2', m: ':3'}")
                        .listeners()
                        .keySet()));
    }

    @Test
    void twoReadingsOfOneFileAreEqual() {
        String yaml = SERVICE + "trusted-proxies: [10.0.0.0/8]\n";
        assertEquals(read(yaml), read(yaml));
    }

    @Test
    void ignoresAByteOrderMarkAndTakesOtherLineEnds() {
        assertEquals(
                2,
                read("\ufefflisteners:\r\n  a: ':1'\r\n  b: ':2'\r\n")
                        .listeners()
                        .size());
    }

    @Test
    void readsAFileAndResolvesPathsAgainstIt(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("w.yaml"), WEB + "access-log: {output: file, file: a.log}");
        Reading reading = ConfigurationReader.read(file, Map.of());
        assertEquals(
                directory.resolve("a.log").toString(),
                reading.configuration().accessLog().file());
    }

    @Test
    void aFileThatIsMissingIsAnException(@TempDir Path directory) {
        assertThrows(NoSuchFileException.class, () -> ConfigurationReader.read(directory.resolve("none"), Map.of()));
    }

    @Test
    void bytesThatAreNotUtf8AreAProblem(@TempDir Path directory) throws IOException {
        byte[] bytes = "listeners:\n  ä?: x".getBytes(StandardCharsets.UTF_8);
        bytes[15] = (byte) 0xff;
        Path file = Files.write(directory.resolve("w.yaml"), bytes);
        assertEquals(
                file + ":2:4: byte 0xff (expected: UTF-8 text)",
                ConfigurationReader.read(file, Map.of()).problems().get(0).toString());
    }

    @Test
    void aHugeFileIsAProblem(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("w.yaml"), new byte[8 * 1024 * 1024 + 1]);
        assertEquals(
                List.of(file + ":1:1: file too large (expected: at most 8 MiB)"),
                ConfigurationReader.read(file, Map.of()).problems().stream()
                        .map(Problem::toString)
                        .toList());
    }

    @Test
    void anAliasBombIsAProblem() {
        StringBuilder yaml = new StringBuilder(WEB + "x: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for (int i = 1; i < 20; i++) {
            yaml.append("x").append(i).append(": &a").append(i).append(" [");
            yaml.append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
        }
        Reading reading = ConfigurationReader.read("w.yaml", yaml.toString(), Path.of("/"), Map.of());
        assertEquals(20, reading.problems().size());

        String backends = "[" + "a:0,".repeat(20_000) + "]";
        yaml = new StringBuilder("services:\n  s: &s {backends: " + backends + "}\n");
        for (int i = 0; i < 5_000; i++) {
            yaml.append("  s").append(i).append(": *s\n");
        }
        reading = ConfigurationReader.read("w.yaml", yaml.toString(), Path.of("/"), Map.of());
        assertFalse(reading.good());
        assertTrue(reading.problems().size() <= Source.MOST_PROBLEMS + 1);
    }

    @Test
    void readsFiveThousandRoutesInLessThanASecondOfProcessorTime() {
        StringBuilder yaml = new StringBuilder(WEB + "services:\n");
        for (int i = 0; i < 500; i++) {
            yaml.append("  s")
                    .append(i)
                    .append(": {backends: ['127.0.0.1:")
                    .append(i + 1)
                    .append("']}\n");
        }
        yaml.append("routes:\n");
        for (int i = 0; i < 5_000; i++) {
            yaml.append("  - {host: h")
                    .append(i)
                    .append(".example.com, path: /a, service: s")
                    .append(i % 500);
            yaml.append("}\n");
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertEquals(5_000, read(yaml.toString()).routes().size());
        Duration taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - start);
        assertTrue(taken.toMillis() < 1_000, taken::toString);
    }
}
