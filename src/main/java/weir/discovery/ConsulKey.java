package weir.discovery;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ConfigurationReader;
import weir.config.ConfigurationSource;
import weir.config.ConsulEnvironment;
import weir.config.Reading;
import weir.config.UnreadableFile;
import weir.metrics.Metrics;

/**
 * A configuration that stands under a key of Consul's KV store, so that many processes share it. Agent, token and TLS are
 * those of Consul's environment variables. What was in force last is kept in a state directory:
 * {@code $STATE_DIRECTORY} as systemd sets it, else {@code $XDG_STATE_HOME/weir}, else {@code ~/.local/state/weir}.
 * Relative paths in it start at the working directory. Read on one thread at a time; watches on a thread of its own.
 */
public final class ConsulKey implements ConfigurationSource {
    /** What names of such sources begin with. */
    public static final String PREFIX = "consul:";

    private static final Logger LOG = LoggerFactory.getLogger(ConsulKey.class);
    private static final Gson GSON = new Gson();
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final String key;
    private final Map<String, String> environment;
    private final ConsulAgents agents;
    private final StateFile kept;
    private @Nullable ConsulLoop loop;
    private @Nullable String read;
    private volatile Seen seen = new Seen(null, "not read yet");

    /**
     * What the watch saw last.
     *
     * @param text null when there is no such key, or no answer
     * @param problem why there is no text
     */
    private record Seen(@Nullable String text, String problem) {}

    private record Value(@SerializedName("Value") @Nullable String value) {}

    /**
     * The source {@code consul:KEY}.
     *
     * @throws IOException when the environment does not say where Consul is, with a line for people
     */
    public ConsulKey(String name, Map<String, String> environment) throws IOException {
        this.key = name.substring(PREFIX.length()).replaceFirst("^/+", "");
        this.environment = environment;
        if (key.isEmpty()) {
            throw new IOException(name + ": no key (expected: consul:KEY, such as consul:weir/config)");
        }
        try {
            agents = new ConsulAgents(
                    ConsulEnvironment.read(environment), environment, new ConsulCounters(new Metrics(1)));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        kept = new StateFile(directory(environment).resolve("config-" + ConsulRequest.segment(key) + ".yaml"));
    }

    private static Path directory(Map<String, String> environment) throws IOException {
        String given = environment.get("STATE_DIRECTORY");
        if (given != null && !given.isEmpty()) {
            return UnreadableFile.path(given.split(":", 2)[0]);
        }
        String state = environment.get("XDG_STATE_HOME");
        boolean named = state != null && !state.isEmpty();
        Path states = named
                ? UnreadableFile.path(state)
                : UnreadableFile.path(System.getProperty("user.home", ".")).resolve(".local/state");
        return states.resolve("weir");
    }

    @Override
    public String name() {
        return PREFIX + key;
    }

    @Override
    public Reading read() throws IOException {
        if (loop == null) {
            seen = ask();
        }
        Seen now = seen;
        if (now.text() == null) {
            throw new IOException(name() + ": " + now.problem());
        }
        read = now.text();
        return reading(now.text());
    }

    private Reading reading(String text) {
        return ConfigurationReader.read(name(), text, Path.of("").toAbsolutePath(), environment);
    }

    /** A server that knows no leader may still know the key. */
    private Seen ask() {
        try {
            return seen(agents.send(request()));
        } catch (ConsulFailure e) {
            if (e.kind() != ConsulFailure.Kind.UNAVAILABLE) {
                return new Seen(null, String.valueOf(e.getMessage()));
            }
        }
        try {
            return seen(agents.send(request().with("stale")));
        } catch (ConsulFailure e) {
            return new Seen(null, String.valueOf(e.getMessage()));
        }
    }

    private ConsulRequest request() {
        String path =
                Arrays.stream(key.split("/", -1)).map(ConsulRequest::segment).collect(Collectors.joining("/"));
        return ConsulRequest.get("/v1/kv/" + path);
    }

    private static Seen seen(ConsulReply reply) throws ConsulFailure {
        if (!reply.found()) {
            return new Seen(null, "no such key");
        }
        try {
            Value[] values = GSON.fromJson(reply.body(), Value[].class);
            if (values != null && values.length == 1 && values[0] != null) {
                String value = Objects.requireNonNullElse(values[0].value(), "");
                byte[] bytes = Base64.getDecoder().decode(value);
                return new Seen(
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(bytes))
                                .toString(),
                        "");
            }
        } catch (CharacterCodingException e) {
            return new Seen(null, "not UTF-8 text");
        } catch (JsonParseException | IllegalArgumentException e) {
            // Told below.
        }
        throw new ConsulFailure(ConsulFailure.Kind.MALFORMED, "malformed answer");
    }

    @Override
    public void applied() {
        if (read != null && !read.equals(kept.read())) {
            kept.write(read);
        }
    }

    @Override
    public @Nullable Reading lastGood() {
        String text = kept.read();
        Reading reading = text == null ? null : reading(text);
        return reading != null && reading.good() ? reading : null;
    }

    @Override
    public void watch(ScheduledExecutorService control, Runnable changed) {
        loop = new ConsulLoop("config", INTERVAL, new Watch(control, changed));
        loop.start();
    }

    /** Asks for newer values; tells only of other ones. */
    private final class Watch implements ConsulLoop.Turn {
        private final ScheduledExecutorService control;
        private final Runnable changed;
        private Seen told = seen;
        private boolean failing;

        Watch(ScheduledExecutorService control, Runnable changed) {
            this.control = control;
            this.changed = changed;
        }

        @Override
        public long run(ConsulLoop own) throws ConsulFailure {
            ConsulReply reply = agents.send(own.blocking(request(), WAIT));
            Seen now = seen(reply);
            seen = now;
            failing = false;
            if (!now.equals(told)) {
                told = now;
                tell();
            }
            return reply.index();
        }

        private void tell() {
            try {
                control.execute(changed);
            } catch (RejectedExecutionException e) {
                LOG.debug("consul: a value after the end", e);
            }
        }

        @Override
        public void failed(ConsulFailure failure) {
            if (!failing) {
                failing = true;
                LOG.warn("{}: {}; the configuration in force stays", name(), failure.getMessage());
            }
        }
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.stop();
        }
        agents.close();
    }
}
