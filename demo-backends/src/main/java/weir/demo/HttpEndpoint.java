package weir.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** The HTTP server of a demo backend: names itself in {@code x-backend}, logs one line for each request. Thread-safe. */
final class HttpEndpoint implements AutoCloseable {
    private static final int STOP_SECONDS = 1;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String name;
    private final Consumer<String> log;

    private HttpEndpoint(HttpServer server, String name, Consumer<String> log) {
        this.server = server;
        this.name = name;
        this.log = log;
    }

    /** Takes the port; nothing is answered before {@link #start}. */
    static HttpEndpoint bind(Options options, Consumer<String> log) throws IOException {
        InetSocketAddress address = new InetSocketAddress(options.bind(), options.port());
        try {
            HttpServer server = HttpServer.create(address, 1024);
            return new HttpEndpoint(server, options.nameAt(server.getAddress().getPort()), log);
        } catch (BindException failed) {
            throw new IOException(options.bind() + ":" + options.port() + ": " + failed.getMessage(), failed);
        }
    }

    void start(HttpService service) {
        server.createContext("/", exchange -> handle(service, exchange));
        server.setExecutor(threads);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String name() {
        return name;
    }

    @Override
    public void close() {
        server.stop(STOP_SECONDS);
        threads.shutdownNow();
    }

    private void handle(HttpService service, HttpExchange exchange) throws IOException {
        long start = System.nanoTime();
        HttpAnswer answer;
        try (exchange) {
            answer = answer(service, exchange);
            try (InputStream rest = exchange.getRequestBody()) {
                rest.transferTo(OutputStream.nullOutputStream());
            }
            send(exchange, answer);
        } catch (IOException gone) {
            log(exchange, "aborted (" + gone.getMessage() + ")", start);
            throw gone;
        }
        log(exchange, Integer.toString(answer.status()), start);
    }

    private static HttpAnswer answer(HttpService service, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path != null && path.equals("/health")) {
            return HttpAnswer.text(200, "ok");
        }
        try {
            return service.answer(exchange);
        } catch (RuntimeException bug) {
            return HttpAnswer.error(500, bug.toString());
        }
    }

    private void send(HttpExchange exchange, HttpAnswer answer) throws IOException {
        byte[] body = answer.bytes();
        exchange.getResponseHeaders().set("content-type", answer.contentType());
        exchange.getResponseHeaders().set("x-content-type-options", "nosniff");
        exchange.getResponseHeaders().set("x-backend", name);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("content-length", Integer.toString(body.length));
            exchange.sendResponseHeaders(answer.status(), -1);
        } else {
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void log(HttpExchange exchange, String outcome, long startNanos) {
        String requestId = exchange.getRequestHeaders().getFirst("x-request-id");
        log.accept(Instant.now().truncatedTo(ChronoUnit.MILLIS)
                + " " + name + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI()
                + " " + outcome + " "
                + Duration.ofNanos(System.nanoTime() - startNanos).toMillis() + "ms"
                + (requestId == null ? "" : " " + requestId));
    }
}
