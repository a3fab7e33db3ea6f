package weir.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Method;

/** What concerns the process as a whole: health, metrics, configuration, reload, log level. Thread-safe. */
final class ProcessOperations {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessOperations.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final AdminViews views;
    private final AdminControls controls;

    ProcessOperations(AdminViews views, AdminControls controls) {
        this.views = views;
        this.controls = controls;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(
                        Method.GET, "/healthz", Access.OPEN, "200 while every event loop lives", (r, p) -> alive()),
                new Operation(Method.GET, "/readyz", Access.OPEN, "200 once ready for traffic", (r, p) -> ready()),
                new Operation(Method.GET, "/metrics", Access.OPEN, "metrics in Prometheus text", (r, p) -> metrics()),
                new Operation(Method.GET, "/api/config", Access.READ, "the configuration", (r, p) -> configuration()),
                new Operation(Method.POST, "/api/reload", Access.CHANGE, "reads the file again", (r, p) -> reload()),
                new Operation(
                        Method.PUT,
                        "/api/log-level",
                        Access.CHANGE,
                        "sets a log level: debug, or {\"logger\": …, \"level\": …}",
                        (r, p) -> logLevel(r)));
    }

    private AdminResponse alive() {
        List<Integer> silent = views.loops().observe(System.nanoTime());
        if (silent.isEmpty()) {
            return AdminResponse.text(200, TEXT, "ok\n".getBytes(StandardCharsets.US_ASCII));
        }
        String loops = silent.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return AdminResponse.text(
                503, TEXT, ("event loop " + loops + " has not ticked for 5 s\n").getBytes(StandardCharsets.US_ASCII));
    }

    private AdminResponse ready() {
        Readiness readiness = views.readiness().get();
        return AdminResponse.json(readiness.state() == Readiness.State.READY ? 200 : 503, readiness);
    }

    private AdminResponse metrics() {
        return AdminResponse.text(200, PROMETHEUS, views.metrics().get());
    }

    private AdminResponse configuration() {
        RunningConfiguration running = views.configuration().get();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", running.file());
        answer.put("loaded-at", running.loadedAt());
        answer.put("refused", running.refused());
        answer.put("configuration", Secrets.masked(AdminJson.tree(running.configuration())));
        return AdminResponse.json(200, answer);
    }

    private AdminResponse reload() {
        ReloadResult result = controls.reloader().reload();
        return AdminResponse.json(result.applied() ? 200 : 422, result);
    }

    private AdminResponse logLevel(AdminRequest request) {
        String body = new String(request.body(), StandardCharsets.UTF_8).strip();
        String logger = LogLevels.DEFAULT_LOGGER;
        String level = body;
        if (body.startsWith("{") || body.startsWith("\"")) {
            JsonElement json = parsed(body);
            level = text(json, "level", "");
            logger = text(json, "logger", logger);
        }
        controls.logLevels().set(logger, level);
        LOG.info(
                "log level of {} set to {} by {}",
                logger,
                level,
                request.caller().peer().getHostAddress());
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("logger", logger);
        answer.put("level", level.toLowerCase(java.util.Locale.ROOT));
        return AdminResponse.json(200, answer);
    }

    private static JsonElement parsed(String body) {
        try {
            return JsonParser.parseString(body);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("body: not valid JSON", e);
        }
    }

    private static String text(JsonElement json, String key, String otherwise) {
        if (json instanceof JsonPrimitive word) {
            return key.equals("level") ? word.getAsString() : otherwise;
        }
        JsonElement value = json instanceof JsonObject object ? object.get(key) : null;
        return value instanceof JsonPrimitive p ? p.getAsString() : otherwise;
    }
}
