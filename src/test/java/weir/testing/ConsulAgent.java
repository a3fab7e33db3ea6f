package weir.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Consul agent on loopback ports of its own, which stay over {@link #restart}. Closing kills it. Not thread-safe
 * but for {@link #register}, {@link #deregister} and {@link #status}.
 */
public final class ConsulAgent implements AutoCloseable {
    /** The token that may do everything where ACLs are on. */
    public static final String ROOT_TOKEN = "4f7b0b4e-0000-4000-8000-000000000001";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final Path directory;
    private final List<String> arguments;
    private final int httpPort;
    private final int serverPort;
    private boolean acls;
    private @Nullable Process process;

    private ConsulAgent(Path directory, List<String> arguments, int httpPort, int serverPort) {
        this.directory = directory;
        this.arguments = arguments;
        this.httpPort = httpPort;
        this.serverPort = serverPort;
    }

    /** One in development mode: a server by itself, which forgets everything when it ends. */
    public static ConsulAgent dev() throws IOException {
        return start("", true).awaitLeader();
    }

    /** The same with more configuration, as HCL. */
    public static ConsulAgent dev(String configuration) throws IOException {
        return start(configuration, true).awaitLeader();
    }

    /** The same with ACLs that deny by default. */
    public static ConsulAgent withAcls() throws IOException {
        ConsulAgent agent = start(
                "acl { enabled = true default_policy = \"deny\" tokens { master = \"" + ROOT_TOKEN + "\" } }", true);
        agent.acls = true;
        agent.awaitLeader();
        agent.await(() -> agent.send("GET", "/v1/acl/token/self", "").statusCode() == 200, "token never known");
        return agent;
    }

    /** A server that keeps its state on disk. */
    public static ConsulAgent server() throws IOException {
        return start(
                        "server = true bootstrap_expect = 1 data_dir = \"data\" performance { raft_multiplier = 1 }",
                        false)
                .awaitLeader();
    }

    /**
     * One in development mode that also speaks TLS, to clients with a certificate only. In its directory are
     * {@code ca.pem}, {@code client.pem} and {@code client.key}.
     */
    public static ConsulAgent withTls(int httpsPort) throws IOException {
        Path files = Scratch.directory("weir-consul-tls");
        TestCertificates.write(files);
        ConsulAgent agent = start(
                "ports { https = " + httpsPort + " } verify_incoming_https = true ca_file = \"" + files
                        + "/ca.pem\" cert_file = \"" + files + "/server.pem\" key_file = \"" + files
                        + "/server.key\"",
                true);
        for (String name : List.of("ca.pem", "client.pem", "client.key")) {
            Files.copy(files.resolve(name), agent.directory.resolve(name));
        }
        return agent.awaitLeader();
    }

    /** Three servers that know each other, of which one leads. */
    public static List<ConsulAgent> cluster() throws IOException {
        List<Integer> serf = List.of(FreePort.take(), FreePort.take(), FreePort.take());
        String others = serf.stream().map(port -> "\"127.0.0.1:" + port + '"').collect(Collectors.joining(","));
        List<ConsulAgent> servers = new ArrayList<>();
        for (int port : serf) {
            servers.add(start(
                    "server = true bootstrap_expect = 3 data_dir = \"data\" performance { raft_multiplier = 1 }"
                            + " node_name = \"node-" + port + "\" retry_join = [" + others
                            + "] retry_interval = \"1s\"",
                    false,
                    port));
        }
        for (ConsulAgent server : servers) {
            server.awaitLeader();
        }
        return servers;
    }

    private static ConsulAgent start(String configuration, boolean dev) throws IOException {
        return start(configuration, dev, FreePort.take());
    }

    private static ConsulAgent start(String configuration, boolean dev, int serfPort) throws IOException {
        Path directory = Scratch.directory("weir-consul-agent");
        int http = FreePort.take();
        int server = FreePort.take();
        Files.writeString(
                directory.resolve("agent.hcl"),
                "ports { http = " + http + " https = -1 dns = -1 grpc = -1 server = " + server + " serf_lan = "
                        + serfPort
                        + " serf_wan = -1 }\nbind_addr = \"127.0.0.1\"\ndisable_update_check = true\n"
                        + "leave_on_terminate = false\ndisable_anonymous_signature = true\n");
        Files.writeString(directory.resolve("more.hcl"), configuration);
        List<String> arguments = new ArrayList<>(List.of(ConsulProgram.find().toString(), "agent"));
        if (dev) {
            arguments.add("-dev");
        }
        arguments.addAll(List.of("-config-file=agent.hcl", "-config-file=more.hcl"));
        ConsulAgent agent = new ConsulAgent(directory, arguments, http, server);
        agent.restart();
        Runtime.getRuntime().addShutdownHook(new Thread(agent::kill));
        return agent;
    }

    /** The port of the HTTP API. */
    public int port() {
        return httpPort;
    }

    /** Whether this server leads its cluster. */
    public boolean leads() throws IOException {
        return send("GET", "/v1/status/leader", "").body().contains(":" + serverPort + '"');
    }

    /** The files of its configuration and state. */
    public Path directory() {
        return directory;
    }

    /** The id of its process. */
    public long pid() {
        return running().pid();
    }

    /** Ends it without warning, as a crash does. */
    public void kill() {
        Process now = process;
        if (now != null) {
            now.destroyForcibly();
            try {
                now.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts it, again with the same ports; does not wait until it is of use. */
    public void restart() throws IOException {
        process = new ProcessBuilder(arguments)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("agent.log").toFile()))
                .start();
    }

    /** Stops it for a while, as a machine that hangs does, or lets it go on. */
    public void pause(boolean stopped) throws IOException {
        Signal.send(stopped ? "STOP" : "CONT", pid());
    }

    /** Waits until there is a leader, and this agent's node is in the catalog. */
    public ConsulAgent awaitLeader() throws IOException {
        await(
                () -> send("GET", "/v1/status/leader", "").body().contains(":")
                        && send("GET", "/v1/agent/self", "").statusCode() != 500
                        && (acls || send("GET", "/v1/catalog/nodes", "").body().contains("Node")),
                "no leader");
        return this;
    }

    private interface Question {
        boolean ask() throws IOException;
    }

    private void await(Question question, String failure) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (question.ask()) {
                    return;
                }
            } catch (IOException e) {
                if (!running().isAlive()) {
                    throw new IOException("consul ended: " + log(), e);
                }
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException(failure + ": " + log());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private Process running() {
        Process now = process;
        if (now == null) {
            throw new IllegalStateException("not started");
        }
        return now;
    }

    private String log() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("agent.log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** Registers an instance of a service with a check of its own that a test flips; it passes at first. */
    public void register(String service, int port) throws IOException {
        register(service, port, "");
    }

    /** The same with more of the registration, as in {@code , "Tags": ["v1"]}. */
    public void register(String service, int port, String more) throws IOException {
        put(
                "/v1/agent/service/register",
                "{\"ID\": \"" + service + "-" + port + "\", \"Name\": \"" + service
                        + "\", \"Address\": \"127.0.0.1\", \"Port\": " + port + ", \"Check\": {\"CheckID\": \"check-"
                        + service + "-" + port + "\", \"TTL\": \"24h\", \"Status\": \"passing\"}" + more + "}");
    }

    /** Deregisters an instance. */
    public void deregister(String service, int port) throws IOException {
        put("/v1/agent/service/deregister/" + service + "-" + port, "");
    }

    /** Flips the check of an instance: passing, warning, critical. */
    public void status(String service, int port, String status) throws IOException {
        put(
                "/v1/agent/check/update/check-" + service + "-" + port,
                "{\"Status\": \"" + status + "\", \"Output\": \"set by a test\"}");
    }

    /** Puts an instance into maintenance, or ends it. */
    public void maintenance(String service, int port, boolean on) throws IOException {
        put("/v1/agent/service/maintenance/" + service + "-" + port + "?reason=upgrade&enable=" + on, "");
    }

    /** A token that has these rules; its secret. */
    public String token(String rules) throws IOException {
        String name = "policy-" + System.nanoTime();
        put("/v1/acl/policy", "{\"Name\": \"" + name + "\", \"Rules\": \"" + rules.replace("\"", "\\\"") + "\"}");
        JsonElement token =
                JsonParser.parseString(put("/v1/acl/token", "{\"Policies\": [{\"Name\": \"" + name + "\"}]}"));
        return token.getAsJsonObject().get("SecretID").getAsString();
    }

    /** Takes a token out of force. */
    public void revoke(String secret) throws IOException {
        JsonElement tokens =
                JsonParser.parseString(send("GET", "/v1/acl/tokens", "").body());
        for (JsonElement token : tokens.getAsJsonArray()) {
            String accessor = token.getAsJsonObject().get("AccessorID").getAsString();
            String body = send("GET", "/v1/acl/token/" + accessor, "").body();
            if (body.contains(secret)) {
                send("DELETE", "/v1/acl/token/" + accessor, "");
            }
        }
    }

    /** Writes; fails unless the answer is 200. */
    public String put(String path, String body) throws IOException {
        HttpResponse<String> response = send("PUT", path, body);
        if (response.statusCode() != 200) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    /** Reads; fails unless the answer is 200. */
    public String get(String path) throws IOException {
        HttpResponse<String> response = send("GET", path, "");
        if (response.statusCode() != 200) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private HttpResponse<String> send(String method, String path, String body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (acls) {
            request.header("X-Consul-Token", ROOT_TOKEN);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
