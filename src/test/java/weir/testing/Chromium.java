package weir.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A browser with one page, driven by the DevTools protocol. Names that end in {@code .test} are this machine's. Confined
 * to one thread.
 */
public final class Chromium implements AutoCloseable {
    private static final String SAYS_WHERE = "DevTools listening on ";
    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-crash-reporter",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            "--host-resolver-rules=MAP *.test 127.0.0.1");

    private final Process process;
    private final Answers answers = new Answers();
    private final WebSocket devTools;
    private final JsonObject session;
    private int calls;

    private Chromium(Process process, URI devTools) throws IOException, InterruptedException {
        this.process = process;
        this.devTools = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(devTools, answers)
                .join();
        this.session = new JsonObject();
        JsonObject target = new JsonObject();
        target.addProperty("url", "about:blank");
        JsonObject attach = new JsonObject();
        attach.add("targetId", call("Target.createTarget", target).get("targetId"));
        attach.addProperty("flatten", true);
        session.add("sessionId", call("Target.attachToTarget", attach).get("sessionId"));
    }

    /** Starts one that keeps its files in that directory. */
    public static Chromium start(Path directory, String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("chromium"));
        command.addAll(FLAGS);
        command.add("--user-data-dir=" + directory.resolve("profile"));
        command.addAll(List.of(flags));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        OutputLines said = new OutputLines(process.getErrorStream(), "chromium").start();
        try {
            String line = said.await(text -> text.startsWith(SAYS_WHERE), WeirProcess.PATIENCE);
            if (line == null) {
                throw new IOException("Chromium does not start: " + said.all());
            }
            return new Chromium(process, URI.create(line.substring(SAYS_WHERE.length())));
        } catch (IOException | InterruptedException | RuntimeException e) {
            kill(process);
            throw e;
        }
    }

    /** Opens that address and waits until the page has loaded with all it needs. */
    public void open(String url) throws IOException, InterruptedException {
        JsonObject to = new JsonObject();
        to.addProperty("url", url);
        JsonObject opened = call("Page.navigate", to);
        if (opened.has("errorText")) {
            throw new IOException(url + ": " + opened.get("errorText").getAsString());
        }
        evaluate("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))");
    }

    /** What the page makes of an expression, whose promise is waited for; what is thrown there is thrown here. */
    public JsonElement evaluate(String expression) throws IOException, InterruptedException {
        JsonObject what = new JsonObject();
        what.addProperty("expression", expression);
        what.addProperty("awaitPromise", true);
        what.addProperty("returnByValue", true);
        JsonObject answer = call("Runtime.evaluate", what);
        if (answer.has("exceptionDetails")) {
            throw new IOException(expression + ": " + answer.get("exceptionDetails"));
        }
        JsonElement value = answer.getAsJsonObject("result").get("value");
        return value == null ? JsonNull.INSTANCE : value;
    }

    /** As {@link #evaluate} does, for an expression whose value is a string. */
    public String text(String expression) throws IOException, InterruptedException {
        return evaluate(expression).getAsString();
    }

    private JsonObject call(String method, JsonObject parameters) throws IOException, InterruptedException {
        JsonObject message = session.deepCopy();
        int id = ++calls;
        message.addProperty("id", id);
        message.addProperty("method", method);
        message.add("params", parameters);
        CompletableFuture<JsonObject> answer = answers.to(id);
        devTools.sendText(message.toString(), true);
        try {
            JsonObject said = answer.get(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!said.has("result")) {
                throw new IOException(method + ": " + said);
            }
            return said.getAsJsonObject("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(method + " of " + parameters + " is not answered", e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            call("Browser.close", new JsonObject());
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            kill(process);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The answers to calls, by their numbers. Thread-safe. */
    private static final class Answers implements WebSocket.Listener {
        private final Map<Integer, CompletableFuture<JsonObject>> awaited = new ConcurrentHashMap<>();
        private final StringBuilder partial = new StringBuilder();

        CompletableFuture<JsonObject> to(int call) {
            return awaited.computeIfAbsent(call, key -> new CompletableFuture<>());
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                JsonObject message = JsonParser.parseString(partial.toString()).getAsJsonObject();
                partial.setLength(0);
                if (message.has("id")) {
                    to(message.get("id").getAsInt()).complete(message);
                }
            }
            socket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            awaited.values().forEach(answer -> answer.completeExceptionally(error));
        }
    }
}
