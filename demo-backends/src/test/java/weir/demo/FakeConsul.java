package weir.demo;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** As much of a Consul agent as a service that registers itself sees. Thread-safe. */
final class FakeConsul implements AutoCloseable {
    final Map<String, JsonObject> services = new ConcurrentHashMap<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile boolean failing;
    private final HttpServer server;

    FakeConsul(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/v1/agent/service/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        calls.add(call + " " + exchange.getRequestHeaders().getFirst("X-Consul-Token"));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(failing ? 500 : status(call, body), -1);
        exchange.close();
    }

    private int status(String call, String body) {
        String id = call.substring(call.lastIndexOf('/') + 1);
        if (call.equals("PUT /v1/agent/service/register")) {
            JsonObject service = JsonParser.parseString(body).getAsJsonObject();
            services.put(service.get("ID").getAsString(), service);
            return 200;
        }
        if (call.startsWith("PUT /v1/agent/service/deregister/")) {
            return services.remove(id) != null ? 200 : 404;
        }
        return services.containsKey(id) ? 200 : 404;
    }
}
