package weir.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend that does to each connection what a script says, byte by byte, on a thread of the connection's own. It
 * records everything it receives. Thread-safe.
 */
public final class ScriptedBackend implements AutoCloseable {
    private final ServerSocket server;
    private final Script script;
    private final List<BackendSocket> connections = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();

    /** What is done to a connection; it is closed when the script ends. */
    @FunctionalInterface
    public interface Script {
        /** Serves one connection. */
        void serve(BackendSocket connection) throws IOException, InterruptedException;
    }

    private ScriptedBackend(ServerSocket server, Script script) {
        this.server = server;
        this.script = script;
    }

    /** A backend on a port of the kernel's choice. */
    public static ScriptedBackend start(Script script) throws IOException {
        return start(0, script);
    }

    /** A backend on that port. */
    public static ScriptedBackend start(int port, Script script) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new java.net.InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 1024);
        ScriptedBackend backend = new ScriptedBackend(server, script);
        Thread acceptor = new Thread(backend::accept, "scripted backend");
        acceptor.setDaemon(true);
        acceptor.start();
        return backend;
    }

    /** A well-behaved backend: reads whole requests and answers each with these bytes, for as long as it may. */
    public static ScriptedBackend answering(String response) throws IOException {
        return start(connection -> {
            while (connection.readRequest() != null) {
                connection.send(response);
            }
        });
    }

    /** A well-behaved backend that answers 200 with that body. */
    public static ScriptedBackend saying(String body) throws IOException {
        return answering(ok(body));
    }

    /** A backend that reads a request's head and answers with so many chunks of one digit, the gap before each. */
    public static ScriptedBackend streaming(int chunks, Duration gap) throws IOException {
        return start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < chunks; i++) {
                Thread.sleep(gap.toMillis());
                connection.send("1\r\n" + i % 10 + "\r\n");
            }
            connection.send("0\r\n\r\n");
            connection.readToEnd();
        });
    }

    /** The bytes of a 200 response. */
    public static String ok(String body) {
        int length = body.getBytes(StandardCharsets.ISO_8859_1).length;
        return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                BackendSocket connection = new BackendSocket(socket, connections.size(), requests);
                connections.add(connection);
                Thread thread = new Thread(() -> serve(connection), "scripted backend connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(BackendSocket connection) {
        open.incrementAndGet();
        try (connection) {
            script.serve(connection);
        } catch (IOException | InterruptedException gone) {
            // The proxy closed first: the test asks what was received.
        } finally {
            open.decrementAndGet();
        }
    }

    /** Where it listens. */
    public int port() {
        return server.getLocalPort();
    }

    /** {@code 127.0.0.1:port}, for a configuration. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Every connection so far, in order. */
    public List<BackendSocket> connections() {
        return List.copyOf(connections);
    }

    /** Connections whose script still runs. */
    public int open() {
        return open.get();
    }

    /** The heads of all requests that scripts read so far. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** The head of the only request so far. */
    public String onlyRequest() {
        List<String> all = requests();
        if (all.size() != 1) {
            throw new AssertionError("one request was expected: " + all);
        }
        return all.get(0);
    }

    /** Every byte received so far, as Latin-1 text, one connection after another. */
    public String received() {
        StringBuilder all = new StringBuilder();
        connections.forEach(connection -> all.append(connection.received()));
        return all.toString();
    }

    /** Forgets the requests recorded so far. */
    public void forget() {
        requests.clear();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (BackendSocket connection : connections) {
            connection.close();
        }
    }
}
