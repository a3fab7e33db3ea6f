package weir;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import weir.cli.Signals;
import weir.config.FailureText;

/**
 * {@code weir warm-up}: a start, some requests and a stop, all on loopback ports, under a JVM that records what they load.
 * {@code bin/weir} makes its cache of that: what only a real start does is not in it. Exit code 1 when a request fails.
 */
@Command(
        name = "warm-up",
        description = "Starts, sends itself requests and stops; bin/weir makes its cache of what that loads.",
        mixinStandardHelpOptions = true)
final class WarmUpCommand implements Callable<Integer> {
    /** Enough for a JVM that records profiles to see what a request calls. */
    private static final int REQUESTS = 2000;

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String BODY = "ok";
    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + BODY;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final AtomicInteger exitCode = new AtomicInteger();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Path file = Files.createTempFile("weir-warm-up", ".yaml");
        try (ServerSocket backend = loopback()) {
            daemon("warm-up-backend", () -> serve(backend));
            int[] ports = freePorts();
            int port = ports[0];
            int adminPort = ports[1];
            Files.writeString(file, configuration(port, adminPort, backend.getLocalPort()));
            int started = RunCommand.run(
                    file.toString(), err, weir -> daemon("warm-up-client", () -> ask(port, adminPort, err)));
            return started != 0 ? started : exitCode.get();
        } finally {
            Files.delete(file);
        }
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Two ports that nobody listens on; the kernel does not give them out again at once. */
    private static int[] freePorts() throws IOException {
        try (ServerSocket one = loopback();
                ServerSocket other = loopback()) {
            return new int[] {one.getLocalPort(), other.getLocalPort()};
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** One of each that start-ups usually have. */
    private static String configuration(int port, int adminPort, int backendPort) {
        return """
                listeners: {web: "127.0.0.1:%d"}
                routes:
                  - {host: "*.example.com", service: warm}
                  - {path: /status, respond: {status: 204}}
                  - {path: /, service: warm}
                services:
                  warm:
                    backends: [{address: "127.0.0.1:%d", weight: 2}]
                    health-check: /health
                access-log: {format: json, output: stdout}
                admin: {address: "127.0.0.1:%d"}
                shutdown: {drain-timeout: 2s}
                """.formatted(port, backendPort, adminPort);
    }

    private void ask(int port, int adminPort, PrintWriter err) {
        try {
            try (Socket client = connect(port)) {
                InputStream in = new BufferedInputStream(client.getInputStream());
                for (int i = 0; i < REQUESTS; i++) {
                    send(client, "GET /" + i + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
                    expect(BODY, new String(readMessage(in, BODY.length()), StandardCharsets.US_ASCII));
                }
            }
            once(port, "POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
            once(port, "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            for (String path : new String[] {"/readyz", "/metrics", "/api/services"}) {
                once(adminPort, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            }
        } catch (IOException e) {
            err.println("weir: warm-up: " + FailureText.of(e));
            exitCode.set(1);
        } finally {
            Signals.raise("TERM");
        }
    }

    private static void once(int port, String request) throws IOException {
        try (Socket client = connect(port)) {
            send(client, request);
            expect("HTTP/1.1 2", new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void expect(String start, String answer) throws IOException {
        if (!answer.startsWith(start)) {
            throw new IOException(
                    "unexpected answer: " + answer.lines().findFirst().orElse("none"));
        }
    }

    private static void serve(ServerSocket backend) {
        while (!backend.isClosed()) {
            try {
                Socket connection = backend.accept();
                daemon("warm-up-backend", () -> answer(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answer(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            while (true) {
                readMessage(in, 0);
                send(connection, RESPONSE);
            }
        } catch (IOException closed) {
            // Weir stops, or has read enough of a health check.
        }
    }

    /** Reads over a head, and over what was left of the message before it; returns the body of that length. */
    private static byte[] readMessage(InputStream in, int length) throws IOException {
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("connection closed");
            }
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        return in.readNBytes(length);
    }
}
