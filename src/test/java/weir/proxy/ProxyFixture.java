package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.slf4j.LoggerFactory;
import weir.accesslog.AccessLog;
import weir.config.AccessLogConfig;
import weir.config.Location;
import weir.config.RouteConfig;
import weir.config.ServiceConfig;
import weir.connection.ConnectionPool;
import weir.connection.PoolCounters;
import weir.http.HeadPool;
import weir.http.RequestHead;
import weir.http.Tick;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.route.RouteTable;
import weir.service.Backend;
import weir.service.Service;
import weir.testing.FakeNetwork;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;
import weir.testing.ServiceFixture;
import weir.testing.Violations;

/**
 * A proxy on one loop, in front of backends that are test doubles and behind clients that are: nothing of it is HTTP/1.1.
 * {@link #verify} holds what every test must leave behind. Confined to the test's thread.
 */
final class ProxyFixture {
    private static final String FORMAT = "{path} {status} {why} {attempts}";

    final HeadPool heads = new HeadPool();
    final Violations violations = new Violations();
    final FakeNetwork network = new FakeNetwork(heads, violations);
    final ServiceFixture services = new ServiceFixture();
    final Metrics metrics = services.metrics;
    final Tick tick = new Tick();
    final ProxyMetrics proxyMetrics = new ProxyMetrics(metrics);
    final ConnectionPool pool;
    final Service service;
    final Proxy proxy;
    final Loop loop;
    final List<MuxClient> clients = new ArrayList<>();
    private final AccessLog log;
    private final Path file;
    private final long bodyLimit;
    private final ListAppender<ILoggingEvent> messages = new ListAppender<>();
    private long now = System.nanoTime();

    ProxyFixture(Path directory) {
        this(directory, ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN), 0, 2);
    }

    ProxyFixture(Path directory, ServiceConfig config, long bodyLimit, int backends) {
        this.bodyLimit = bodyLimit;
        this.file = directory.resolve("access.log");
        service = services.service(config, ServiceFixture.endpoints(backends));
        pool = new ConnectionPool(network.connector(), 0, PoolCounters.of(metrics));
        try {
            log = AccessLog.open(
                    new AccessLogConfig(
                            FORMAT, AccessLogConfig.Output.FILE, file.toString(), 0, 0, AccessLogConfig.WhenFull.DROP),
                    metrics);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        loop = new Loop(
                0, network.clock.eventLoop(), tick, heads, pool, log.loop(0), proxyMetrics, new SplittableRandom(7));
        proxy = new Proxy(routing());
        tick.join(pool);
        messages.start();
        logger().setAdditive(false); // bugs that tests make on purpose are no news
        logger().addAppender(messages);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("weir");
    }

    /** A routing made anew, as a reload would. */
    Routing routing() {
        List<RouteConfig> routes = List.of(
                route("/gone", null, new RouteConfig.Redirect("https://example.com{path}", 301), null),
                route("/fixed", null, null, new RouteConfig.Respond(200, "fixed", Map.of())),
                route("/to", service.name(), null, null));
        return Routing.of(
                RouteTable.of(routes, services.services::service),
                new ForwardingHeaders(List.of()),
                bodyLimit,
                metrics);
    }

    private static RouteConfig route(
            String path, String service, RouteConfig.Redirect redirect, RouteConfig.Respond respond) {
        return new RouteConfig(
                path,
                null,
                path,
                null,
                null,
                List.of(),
                Map.of(),
                service,
                redirect,
                respond,
                null,
                RouteConfig.HostHeader.KEEP,
                RouteConfig.HeaderEdits.NONE,
                RouteConfig.HeaderEdits.NONE,
                null,
                Location.UNKNOWN);
    }

    MuxClient client() {
        MuxClient made = new MuxClient(proxy.handler("web", loop), heads, violations);
        clients.add(made);
        return made;
    }

    /** The only stream to a backend that is live, its connection made if it must be. */
    MuxBackendStream backend() {
        network.connectAll();
        List<MuxBackendStream> live = network.live();
        assertEquals(1, live.size(), "live streams");
        return live.get(0);
    }

    /** Lets a back-off pass. */
    void backOff() {
        network.advance(10_000);
    }

    /** Moves the tick's clock on. */
    void tick(long millis) {
        now = Math.max(now, System.nanoTime()) + millis * 1_000_000;
        tick.run(now);
    }

    long count(MetricFamily family, String... labels) {
        return metrics.counter(family, labels).getCount();
    }

    /** Idle connections to backends. */
    long idle() {
        return PoolCounters.of(metrics).idle().getCount();
    }

    /** Requests that were counted, over all routes and status classes. */
    long counted() {
        long[] sum = {0};
        metrics.registry()
                .getCounters((name, metric) -> name.startsWith(MetricFamily.REQUESTS.text() + "{"))
                .values()
                .forEach(counter -> sum[0] += counter.getCount());
        return sum[0];
    }

    /** What Weir said of itself at ERROR. */
    List<String> errors() {
        return messages.list.stream()
                .filter(e -> e.getLevel() == Level.ERROR)
                .map(ILoggingEvent::toString)
                .toList();
    }

    /** Nothing is under way, nothing lost: ends the fixture and returns the log's lines by path. */
    Map<String, String> verify() {
        network.run();
        List<String> lines = close();
        List<MuxClientStream> streams =
                clients.stream().flatMap(c -> c.streams.stream()).toList();
        assertEquals(List.of(), violations.all());
        assertEquals(0, violations.leaks(), "buffers that leaked");
        Map<String, String> byPath = new LinkedHashMap<>();
        for (String line : lines) {
            int space = line.indexOf(' ');
            String before = byPath.put(line.substring(0, space), line.substring(space + 1));
            assertTrue(before == null, () -> "logged twice: " + line);
        }
        for (MuxClientStream stream : streams) {
            assertTrue(stream.over, () -> stream.path + " is not over");
            assertTrue(byPath.containsKey(stream.path), () -> stream.path + " is not logged");
            assertEquals(0, stream.wasReset ? 0 : stream.unflushed, () -> stream.path + " is not flushed");
        }
        assertEquals(streams.size(), byPath.size());
        assertEquals(streams.size(), counted(), "counted");
        assertEquals(0, proxyMetrics.inFlight(), "exchanges under way");
        assertEquals(0, proxyMetrics.tunnels(), "tunnels open");
        assertEquals(1, tick.size(), "members of the tick besides the pool");
        network.connecting().forEach(c -> c.fail(new IOException("the test is over")));
        network.run();
        pool.close();
        network.run();
        for (Backend backend : service.backends()) {
            assertEquals(0, backend.inFlight(), "requests in flight");
            assertEquals(0, backend.connections(), "connections");
        }
        assertEquals(0, idle(), "idle connections");
        assertEquals(List.of(), network.live());
        verifyHeads();
        return byPath;
    }

    private List<String> close() {
        logger().detachAppender(messages);
        logger().setAdditive(true);
        log.close();
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A head that was given back twice would be handed out twice. */
    private void verifyHeads() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 2048; i++) {
            RequestHead head = heads.request();
            assertTrue(seen.add(head), "a request head was given back twice");
            assertTrue(seen.add(heads.response()), "a response head was given back twice");
        }
    }
}
