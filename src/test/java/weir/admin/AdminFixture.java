package weir.admin;

import ch.qos.logback.classic.LoggerContext;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import weir.config.AccessLogConfig;
import weir.config.Address;
import weir.config.AdminConfig;
import weir.config.Configuration;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.config.Location;
import weir.config.RefusedTag;
import weir.config.RouteConfig;
import weir.config.ShutdownConfig;
import weir.config.ThreadsConfig;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.loop.ConnectionGuard;
import weir.loop.Heartbeats;
import weir.metrics.Metrics;

/** An admin API over fakes, and requests to it without a socket. */
public final class AdminFixture {
    static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    public final FakeServices services = new FakeServices();
    final LoggerContext logging = new LoggerContext();
    final HeadPool heads = new HeadPool();
    final List<Runnable> controlled = new ArrayList<>();
    public final List<ExplainRequest> explained = new ArrayList<>();
    Readiness readiness = Readiness.READY;
    ReloadResult reload = ReloadResult.applied(List.of());
    int reloads;
    public RouteWalk walk = RouteWalk.unmatched(List.of());
    Executor control = Runnable::run;

    @Nullable
    TokenFile token;

    boolean readOnly;
    String peer = "127.0.0.1";
    String host = "127.0.0.1";

    /** The same API on a socket. */
    public AdminServer start(@Nullable Path tokenFile) throws IOException {
        String file = tokenFile == null ? null : tokenFile.toString();
        return AdminServer.start(
                new AdminConfig(new Address("127.0.0.1", 0), file, false), views(), controls(), guard());
    }

    ConnectionGuard guard() {
        return new ConnectionGuard("the connection of", new Metrics(1).counter("broken"));
    }

    Heartbeats heartbeats = new Heartbeats(1, System.nanoTime());

    List<RefusedTag> refusedTags = List.of();

    AdminViews views() {
        return new AdminViews(
                services,
                () -> new RunningConfiguration(configuration(), "config.yaml", NOW, List.of()),
                () -> new RunningRoutes(configuration().routes(), refusedTags),
                request -> {
                    explained.add(request);
                    return walk;
                },
                () -> readiness,
                () -> "weir_up 1\n".getBytes(StandardCharsets.US_ASCII),
                heartbeats);
    }

    AdminControls controls() {
        return new AdminControls(
                services,
                () -> {
                    reloads++;
                    return reload;
                },
                new LogLevels(logging),
                task -> control.execute(task));
    }

    /** Sends a whole request. Fields are name, value, name, value. */
    FakeStream send(String method, String target, @Nullable String body, String... fields) {
        FakeStream stream = new FakeStream(peer);
        RequestReceiver receiver = open(stream);
        receiver.request(head(method, target, body == null ? 0 : body.length(), fields), body == null);
        if (body != null) {
            receiver.body(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
            receiver.end(null);
        }
        receiver.readComplete();
        return stream;
    }

    FakeStream get(String target) {
        return send("GET", target, null);
    }

    JsonObject json(String target) {
        return JsonParser.parseString(get(target).body.toString()).getAsJsonObject();
    }

    RequestReceiver open(FakeStream stream) {
        AdminApi api = new AdminApi(views(), controls(), new AccessRules(token, readOnly));
        return new AdminHandler(api, heads, controlled::add, Clock.fixed(NOW, ZoneOffset.UTC)).open(stream);
    }

    RequestHead head(String method, String target, long contentLength, String... fields) {
        RequestHead head = heads.request();
        Fields f = head.fields();
        head.method(append(f, method), method.length());
        int question = target.indexOf('?');
        int path = question < 0 ? target.length() : question;
        int start = append(f, target);
        head.target().set(start, target.length());
        head.path().set(start, path);
        head.query().set(start + path, target.length() - path);
        head.host().set(append(f, host), host.length());
        head.contentLength(contentLength);
        for (int i = 0; i < fields.length; i += 2) {
            f.index(append(f, fields[i]), fields[i].length(), append(f, fields[i + 1]), fields[i + 1].length());
        }
        return head;
    }

    private static int append(Fields fields, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return fields.append(bytes, 0, bytes.length);
    }

    static Configuration configuration() {
        RouteConfig route = new RouteConfig(
                "hello",
                "example.com",
                "/hello",
                null,
                null,
                List.of("GET"),
                Map.of(),
                "hello",
                null,
                null,
                null,
                RouteConfig.HostHeader.KEEP,
                new RouteConfig.HeaderEdits(
                        Map.of("authorization", "Basic c2VjcmV0"), Map.of("x-env", "prod"), List.of()),
                RouteConfig.HeaderEdits.NONE,
                null,
                new Location("config.yaml", 7, 5));
        return new Configuration(
                Map.of("web", new ListenerConfig("web", new Address("", 8080))),
                List.of(route),
                Map.of(),
                LimitsConfig.DEFAULT,
                List.of(),
                AccessLogConfig.DEFAULT,
                AdminConfig.DEFAULT,
                ShutdownConfig.DEFAULT,
                ThreadsConfig.AUTO,
                null);
    }
}
