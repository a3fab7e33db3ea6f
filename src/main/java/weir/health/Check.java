package weir.health;

import com.codahale.metrics.Counter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.HealthCheck;
import weir.connection.Destination;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Service;

/**
 * The repeated check of one backend with one set of settings. The first result decides alone, later ones when enough
 * of them come in a row. The next check begins an interval after the last one began, but never before that has ended.
 * Confined to the loop of the health checks.
 */
final class Check implements Probe.Result {
    private static final double JITTER = 0.05;
    /** A pause that is left even when checks take longer than the interval. */
    private static final long SHORTEST_PAUSE_NANOS = Duration.ofMillis(10).toNanos();

    private final CheckLoop loop;
    private final Service service;
    private final Backend backend;
    private final HealthCheck settings;
    private final Counters counters;
    private boolean started;
    private boolean known;
    private int passes;
    private int failures;
    private long startedNanos;
    private Probe.@Nullable Running running;
    private @Nullable Future<?> next;
    private boolean stopped;

    /** Checks of one service, by result. */
    record Counters(Counter passed, Counter failed) {}

    Check(CheckLoop loop, Service service, Backend backend, HealthCheck settings, Counters counters) {
        this.loop = loop;
        this.service = service;
        this.backend = backend;
        this.settings = settings;
        this.counters = counters;
    }

    HealthCheck settings() {
        return settings;
    }

    /** The first check, at once; nothing when checks are under way. */
    void startIfNew() {
        if (!started) {
            started = true;
            start();
        }
    }

    private void start() {
        startedNanos = loop.nanoTime().getAsLong();
        InetSocketAddress address = backend.socketAddress();
        if (settings.port() != 0) {
            address = new InetSocketAddress(address.getAddress(), settings.port());
        }
        String host = settings.host() != null ? settings.host() : backend.address();
        Destination to = new Destination(service.config(), backend.endpoint());
        running = loop.probe().start(address, host, to, settings, this);
    }

    /** Ends the checks; what the last result said stays. */
    void stop() {
        stopped = true;
        if (running != null) {
            running.cancel();
        }
        if (next != null) {
            next.cancel(false);
        }
    }

    @Override
    public void passed() {
        if (stopped) {
            return;
        }
        counters.passed().inc();
        failures = 0;
        passes++;
        if (!known || passes >= settings.healthyAfter()) {
            service.clear(backend, Reason.HEALTH);
        }
        decided();
    }

    @Override
    public void failed(String why) {
        if (stopped) {
            return;
        }
        counters.failed().inc();
        passes = 0;
        failures++;
        boolean isDown = backend.unavailability(Reason.HEALTH) != null;
        if (!known || isDown || failures >= settings.unhealthyAfter()) {
            String checks = failures == 1 ? "1 check failed: " : failures + " checks failed: ";
            service.mark(backend, Reason.HEALTH, null, checks + why);
        }
        decided();
    }

    @Override
    public void impossible(String why) {
        if (!stopped) {
            later();
        }
    }

    private void decided() {
        if (!known) {
            known = true;
            service.checked(backend, true);
        }
        later();
    }

    private void later() {
        running = null;
        long interval = (long) (settings.interval().toNanos()
                * (1 - JITTER + 2 * JITTER * loop.random().nextDouble()));
        long elapsed = loop.nanoTime().getAsLong() - startedNanos;
        long pause = Math.max(SHORTEST_PAUSE_NANOS, interval - elapsed);
        next = loop.executor().schedule(this::start, pause, TimeUnit.NANOSECONDS);
    }
}
