package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ConsulRegistrationTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final ConsulService SERVICE =
            ConsulService.http("hello 1", "hello", List.of("v1", "edge"), "::1", 9001);

    private final List<String> log = new CopyOnWriteArrayList<>();

    @Test
    void registersAndLeavesWithTheProcess() throws Exception {
        try (FakeConsul consul = new FakeConsul(0)) {
            DemoBackend backend = DemoBackend.start(
                    Options.parse(List.of(
                            "sum",
                            "--port",
                            "0",
                            "--grpc-port",
                            "0",
                            "--name",
                            "s1",
                            "--tags",
                            "v1",
                            "--consul",
                            consul.uri().toString())),
                    log::add);
            await(() -> consul.services.size() == 2);
            String http = consul.services.get("s1").toString();
            assertTrue(
                    http.contains(
                            "\"Name\":\"sum\",\"Tags\":[\"v1\"],\"Address\":\"127.0.0.1\",\"Port\":" + backend.port()),
                    http);
            assertTrue(http.contains("\"HTTP\":\"http://127.0.0.1:" + backend.port() + "/health\""), http);
            String rpc = consul.services.get("s1-rpc").toString();
            assertTrue(rpc.contains("\"Name\":\"sum-rpc\""), rpc);
            assertTrue(rpc.contains("\"GRPC\":\"127.0.0.1:" + backend.grpcPort() + "\""), rpc);
            backend.close();
            assertEquals(0, consul.services.size());
        }
    }

    @Test
    void registersAgainWhenTheAgentForgotIt() throws Exception {
        try (FakeConsul consul = new FakeConsul(0);
                ConsulRegistration registration = start(consul.uri(), "")) {
            await(() -> consul.services.containsKey("hello 1"));
            consul.services.clear();
            await(() -> consul.services.containsKey("hello 1"));
        }
    }

    @Test
    void replacesWhatAnEarlierProcessLeft() throws Exception {
        try (FakeConsul consul = new FakeConsul(0)) {
            consul.services.put("hello 1", new com.google.gson.JsonObject());
            try (ConsulRegistration registration = start(consul.uri(), "")) {
                await(() -> consul.services.get("hello 1").has("Port"));
            }
        }
    }

    @Test
    void waitsForTheAgentAndSaysSoOnce() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (ConsulRegistration registration = start(URI.create("http://127.0.0.1:" + port + "/"), "")) {
            await(() -> !log.isEmpty());
            Thread.sleep(200);
            assertEquals(1, log.size(), log.toString());
            try (FakeConsul consul = new FakeConsul(port)) {
                consul.failing = true;
                await(() -> consul.calls.size() > 3);
                consul.failing = false;
                await(() -> consul.services.containsKey("hello 1"));
                registration.close();
                assertFalse(consul.services.containsKey("hello 1"));
            }
        }
    }

    @Test
    void sendsTheToken() throws Exception {
        try (FakeConsul consul = new FakeConsul(0)) {
            start(consul.uri(), "secret").close();
            assertTrue(consul.calls.stream().allMatch(call -> call.endsWith(" secret")), consul.calls.toString());
            consul.calls.clear();
            start(consul.uri(), "").close();
            assertTrue(consul.calls.stream().allMatch(call -> call.endsWith(" null")), consul.calls.toString());
        }
    }

    @Test
    void bracketsAddressesOfVersionSix() {
        assertTrue(SERVICE.json(false).contains("\"HTTP\":\"http://[::1]:9001/health\""), SERVICE.json(false));
        assertTrue(SERVICE.json(false).contains("\"Status\":\"critical\""));
        assertTrue(SERVICE.json(true).contains("\"Status\":\"passing\""));
    }

    private ConsulRegistration start(URI agent, String token) {
        return ConsulRegistration.start(new ConsulAgent(agent, token), SERVICE, INTERVAL, log::add);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }
}
