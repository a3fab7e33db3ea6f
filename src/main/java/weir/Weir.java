package weir;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.accesslog.AccessLog;
import weir.admin.AdminServer;
import weir.admin.BackendSeries;
import weir.admin.ReloadResult;
import weir.config.Configuration;
import weir.config.ConfigurationSource;
import weir.config.Problem;
import weir.config.Reading;
import weir.config.RefusedTag;
import weir.discovery.ConsulCounters;
import weir.discovery.TaggedRoutes;
import weir.listener.EventLoops;
import weir.listener.Listeners;
import weir.listener.Transport;
import weir.metrics.JvmMetrics;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.tls.BackendContexts;
import weir.tls.BackendRenewal;
import weir.tls.BackendTls;
import weir.tls.TlsProvider;

/**
 * The running process: start, reload, drain, stop. Its changes are made on the control thread. Thread-safe.
 */
final class Weir {
    private static final Logger LOG = LoggerFactory.getLogger(Weir.class);
    private static final long POLL_MILLIS = 20;
    private static final long LAST_WORDS_MILLIS = 1_000;

    private final ConfigurationSource source;
    private final Transport transport;
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final BackendContexts backendTls;
    private final ControlPlane control;
    private final DataPlane data;
    private final SelfRegistration registration;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ProcessView view = new ProcessView(this);
    private @Nullable AdminServer admin;
    private volatile Configuration configuration;
    private volatile TaggedRoutes tagged;
    private volatile boolean opened;
    private volatile boolean stopping;

    private Weir(ConfigurationSource source, Configuration configuration, Transport transport, EventLoops loops)
            throws IOException {
        this.source = source;
        this.configuration = configuration;
        this.transport = transport;
        this.metrics = new Metrics(loops.count());
        this.accessLog = AccessLog.open(configuration.accessLog(), metrics);
        this.backendTls = new BackendContexts(TlsProvider::ofProcess);
        backendTls.publish(backendTls.read(configuration.services().values()));
        this.control = new ControlPlane(metrics, backendTls, this::retag);
        this.tagged = control.start(configuration);
        this.data = new DataPlane(
                tagged.configuration(), transport, loops, control.services(), backendTls, accessLog, metrics);
        metrics.collect(new ProcessSeries(transport));
        metrics.collect(new BackendSeries(control.services()));
        metrics.collect(new JvmMetrics());
        metrics.gauge(MetricFamily.TAG_ROUTES, () -> tagged.routes(), "state", "in-force");
        metrics.gauge(MetricFamily.TAG_ROUTES, () -> tagged.refused().size(), "state", "refused");
        this.registration = new SelfRegistration(new ConsulCounters(metrics));
    }

    /**
     * Starts the process: sockets are bound when this returns.
     *
     * @param refused why the configuration is not what the source has now; empty when it is
     * @throws IOException with one line for people when something cannot be had
     */
    static Weir start(ConfigurationSource source, Configuration configuration, List<String> refused)
            throws IOException {
        long begun = System.nanoTime();
        Transport transport = chooseTransport();
        EventLoops loops = new EventLoops(configuration.threads().count(), transport);
        try {
            Weir weir = new Weir(source, configuration, transport, loops);
            loops.watch(weir::loopEnded);
            weir.open(begun);
            if (refused.isEmpty()) {
                source.applied();
            } else {
                weir.view.refused(refused);
            }
            return weir;
        } catch (IOException | RuntimeException | Error e) {
            loops.close();
            throw e;
        }
    }

    private static Transport chooseTransport() throws IOException {
        try {
            return Transport.choose(System.getProperty("weir.transport", "auto"));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void open(long begun) throws IOException {
        admin = view.open(configuration.admin());
        control.executor().execute(this::measure); // before clients can use up the descriptors that it needs
        data.listeners().prepare(configuration).commit();
        data.listeners().watch(control.executor());
        new BackendRenewal(backendTls).start(control.executor());
        view.bound();
        opened = true;
        control.executor().execute(this::retag);
        registration.apply(configuration, data.listeners().ports(), admin.address());
        source.watch(control.executor(), () -> reloadNow(source.name() + " changed"));
        LOG.info(
                "ready in {} ms: {} event loops on {}{}, admin on {}",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
                metrics.loops(),
                transport.name(),
                transport.note().isEmpty() ? "" : " (" + transport.note() + ")",
                NetUtil.toSocketAddressString(admin.address()));
    }

    /** Loads classes that a start need not wait for. */
    private void measure() {
        data.measure();
        AdminServer api = admin;
        if (api != null) {
            api.measure();
        }
    }

    /** Reads the file again and applies it, or keeps what is in force and says why. Waits for the control thread. */
    ReloadResult reload(String why) {
        return control.call(() -> reloadNow(why));
    }

    /** On the control thread. */
    ReloadResult reloadNow(String why) {
        ReloadResult result = tryReload(why);
        metrics.counter(MetricFamily.RELOADS, "result", result.applied() ? "applied" : "refused")
                .inc();
        return result;
    }

    private ReloadResult tryReload(String why) {
        if (stopping) {
            return ReloadResult.refused(List.of("the process is stopping"));
        }
        try {
            Reading reading = source.read();
            Configuration next = reading.configuration();
            if (next == null) {
                List<String> problems =
                        reading.problems().stream().map(Problem::toString).toList();
                LOG.error("configuration not reloaded ({}), the old one stays:\n{}", why, String.join("\n", problems));
                view.refused(problems);
                return ReloadResult.refused(problems);
            }
            List<String> restart = needRestart(next);
            apply(next);
            source.applied();
            LOG.info("configuration reloaded ({}){}", why, restart.isEmpty() ? "" : "; " + String.join("; ", restart));
            return ReloadResult.applied(restart);
        } catch (IOException | RuntimeException e) {
            LOG.error("configuration not reloaded ({}), the old one stays: {}", why, e.getMessage());
            view.refused(List.of(String.valueOf(e.getMessage())));
            return ReloadResult.refused(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** What can fail comes first and is taken back. Services are there before the routes that lead to them. */
    private void apply(Configuration next) throws IOException {
        DataPlane.check(next);
        Map<String, BackendTls> read = backendTls.read(next.services().values());
        Listeners.Change sockets = data.listeners().prepare(next);
        Map<String, BackendTls> before = backendTls.publish(read);
        TaggedRoutes routes;
        try {
            accessLog.reconfigure(next.accessLog());
            routes = control.apply(next);
            data.publish(routes.configuration());
        } catch (IOException | RuntimeException e) {
            backendTls.publish(before);
            sockets.rollback();
            throw e;
        }
        sockets.commit();
        configuration = next;
        say(routes);
        view.loaded();
        if (admin != null) {
            registration.apply(next, data.listeners().ports(), admin.address());
        }
    }

    /** Puts in force what tags in Consul ask for now. On the control thread. */
    private void retag() {
        if (!opened || stopping) {
            return;
        }
        TaggedRoutes next = control.retag(configuration);
        if (!next.equals(tagged)) {
            data.publish(next.configuration());
            say(next);
        }
    }

    private void say(TaggedRoutes next) {
        TaggedRoutes before = tagged;
        tagged = next;
        if (!next.configuration().routes().equals(before.configuration().routes())
                && next.routes() + before.routes() > 0) {
            LOG.info(
                    "{} routes from tags, {} tags refused",
                    next.routes(),
                    next.refused().size());
        }
        for (RefusedTag refused : next.refused()) {
            if (!before.refused().contains(refused)) {
                LOG.warn(
                        "consul: service {}: tag {} makes no route: {}",
                        refused.service(),
                        refused.tag(),
                        refused.why());
            }
        }
    }

    private List<String> needRestart(Configuration next) {
        List<String> said = new java.util.ArrayList<>();
        if (!next.threads().equals(configuration.threads())) {
            said.add("threads needs a restart");
        }
        if (!next.admin().address().equals(configuration.admin().address())) {
            said.add("admin.address needs a restart");
        }
        return said;
    }

    /** Opens log files again, as logrotate asks by SIGUSR1. */
    void reopenLogs() {
        accessLog.reopen();
    }

    /** Drains and stops. Returns when everything is closed; a second call waits for the first. */
    void stop() {
        synchronized (this) {
            if (stopping) {
                return;
            }
            stopping = true;
        }
        try {
            drain();
        } finally {
            stopped.countDown();
        }
    }

    /** A process without one of its loops serves some clients and hangs others: whoever started it is to start another. */
    private void loopEnded(int loop) {
        LOG.error("event loop {} has ended by itself: the process ends, too", loop);
        Thread lastWords = new Thread(accessLog::close, "weir-last-words");
        lastWords.setDaemon(true);
        lastWords.start();
        try {
            lastWords.join(LAST_WORDS_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private void drain() {
        source.close();
        view.draining();
        // Before the delay, so that whoever finds this process by Consul goes elsewhere meanwhile.
        control.call(() -> {
            registration.close();
            return true;
        });
        Duration delay = configuration.shutdown().delay();
        LOG.info(
                "draining{}: {} exchanges and {} tunnels are open",
                delay.isZero() ? "" : ", accepting for another " + delay.toMillis() + " ms",
                data.exchanges() - data.tunnels(),
                data.tunnels());
        sleep(delay.toMillis());
        // On the control thread: a reload under way there must not open listeners behind this.
        control.call(() -> {
            data.listeners().drain();
            return null;
        });
        if (!drained(configuration.shutdown().drainTimeout())) {
            LOG.warn(
                    "drain-timeout: {} exchanges and {} tunnels are broken off",
                    data.exchanges() - data.tunnels(),
                    data.tunnels());
            data.expire();
            drained(Duration.ofSeconds(2));
        }
        data.close();
        accessLog.close();
        if (admin != null) {
            admin.close();
        }
        control.close();
        LOG.info("stopped");
    }

    private boolean drained(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (data.exchanges() > 0 || data.listeners().connectionsOpen() > 0) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            sleep(POLL_MILLIS);
        }
        return true;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void awaitStop() throws InterruptedException {
        stopped.await();
    }

    Configuration configuration() {
        return configuration;
    }

    ConfigurationSource source() {
        return source;
    }

    TaggedRoutes tagged() {
        return tagged;
    }

    DataPlane data() {
        return data;
    }

    ControlPlane control() {
        return control;
    }

    Metrics metrics() {
        return metrics;
    }

    Transport transport() {
        return transport;
    }
}
