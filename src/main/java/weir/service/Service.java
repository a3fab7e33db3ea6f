package weir.service;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;

/**
 * A named set of backends with one balancing policy. It outlives reloads as long as its name stays. Thread-safe; picks
 * and reports on every event loop, changes on control threads under one lock.
 *
 * <p>Requests see one immutable snapshot. Every change of membership, settings, weight or availability builds a new
 * one: at once when an operator, a reload or a discovery asked for it, on the control executor when a check or an
 * ejection did, so that a thousand flips at a time cost few rebuilds.
 */
public final class Service {
    private final String name;
    private final Control control;
    private final Consumer<Service> changed;
    private final RetryBudget budget;
    private final Object lock = new Object();
    private final Operators operators = new Operators();
    private final Flips flips;
    private final Members members;
    private final AtomicBoolean rebuildQueued = new AtomicBoolean();
    private Policy policy;
    private boolean retired;
    private volatile Snapshot snapshot;
    private volatile @Nullable DiscoveryStatus discovery;

    /** Makes a service without backends; {@code changed} is called after each change, without the lock. */
    Service(ServiceConfig config, Control control, BackendNumbers numbers, Consumer<Service> changed) {
        this.name = config.name();
        this.control = control;
        this.changed = changed;
        this.budget = new RetryBudget(control.metrics().loops());
        this.flips = new Flips(name, control.metrics());
        this.members = new Members(numbers, control.metrics().loops(), operators, flips);
        this.policy = control.policies().apply(config.balance());
        this.snapshot = Snapshot.of(config, List.of(), policy);
    }

    /** The name in the configuration. */
    public String name() {
        return name;
    }

    /** The settings now in force. */
    public ServiceConfig config() {
        return snapshot.config();
    }

    /** Every backend, available or not, in the order of discovery. */
    public List<Backend> backends() {
        return snapshot.backends();
    }

    /** The backend of that address, {@code ip:port}, or null. */
    public @Nullable Backend backend(String address) {
        synchronized (lock) {
            return members.get(address);
        }
    }

    /** Whether no backend is available and ejected ones are picked instead. */
    public boolean panic() {
        return snapshot.panic();
    }

    // The way of a request

    /**
     * A backend for one attempt that is none of the first {@code n} of {@code tried}; null when there is none. When no
     * backend is available at all, those that are only ejected are picked (panic).
     */
    public @Nullable Backend pick(Backend[] tried, int n) {
        return snapshot.picker().pick(tried, n);
    }

    /**
     * Reports how an attempt ended. {@code status} is 0 without a response, {@code latencyNanos} the time to the
     * response head or 0.
     */
    public void report(int loop, Backend backend, Outcome outcome, int status, long latencyNanos) {
        boolean responded = outcome == Outcome.RESPONSE;
        boolean error = responded ? snapshot.errorStatuses().contains(status) : outcome != Outcome.NEUTRAL;
        backend.record(loop, error, status, latencyNanos);
        if (error) {
            control.outcomes().failed(this, backend, outcome, status);
        } else if (responded) {
            control.outcomes().succeeded(this, backend);
        }
    }

    /** Whether a response of that status may be tried again on another backend. */
    public boolean retriesOn(int status) {
        return snapshot.retryStatuses().contains(status);
    }

    /** Counts one request, of which retries may take a share. */
    public void countRequest(int loop) {
        budget.countRequest(loop);
    }

    /** Whether the retry budget has room for one more attempt, which it then counts. */
    public boolean mayRetry(int loop) {
        return budget.mayRetry(snapshot.config().retry().budgetPercent());
    }

    // Discovery

    /**
     * Replaces the list of endpoints. Backends whose address stays keep their state; of an address listed twice the
     * first counts. Nothing once the service is no longer configured. Control threads only.
     */
    public void endpoints(List<Endpoint> endpoints) {
        endpoints(endpoints, Map.of());
    }

    /**
     * Replaces the list of endpoints, and with it what discovery itself says against some of them: a new one that may
     * not be picked is never picked, not for a moment.
     *
     * @param against why endpoints are out, by their address, for {@link Reason#CONSUL}
     */
    public void endpoints(List<Endpoint> endpoints, Map<String, String> against) {
        synchronized (lock) {
            if (retired) {
                return;
            }
            members.replace(endpoints);
            members.all().forEach(backend -> discovered(backend, against.get(backend.address())));
            rebuild();
        }
        changed.accept(this);
    }

    private void discovered(Backend backend, @Nullable String why) {
        Unavailability old = backend.unavailability(Reason.CONSUL);
        Instant now = control.clock().instant();
        if (why != null && (old == null || !old.why().equals(why))) {
            Unavailability next = new Unavailability(Reason.CONSUL, old != null ? old.since() : now, null, why);
            if (backend.mark(next)) {
                flips.marked(backend, next);
            }
        } else if (why == null && old != null) {
            backend.clear(Reason.CONSUL);
            flips.cleared(backend, old, now);
        }
    }

    /** What is known of the source of the endpoints; null for the configuration itself. Any thread. */
    public @Nullable DiscoveryStatus discovery() {
        return discovery;
    }

    /** Says what is known of the source of the endpoints. Any thread. */
    public void discovery(@Nullable DiscoveryStatus status) {
        discovery = status;
    }

    // Health

    /**
     * Lets a reason stand against a backend, or replaces its text and end. Nothing when the backend has left. Takes
     * effect on picks through the control executor. Control threads only.
     */
    public void mark(Backend backend, Reason reason, @Nullable Instant until, String why) {
        synchronized (lock) {
            if (backend.removed()) {
                return;
            }
            Unavailability old = backend.unavailability(reason);
            Instant since = old != null ? old.since() : control.clock().instant();
            Unavailability now = new Unavailability(reason, since, until, why);
            if (backend.mark(now)) {
                flips.marked(backend, now);
                rebuildSoon();
            }
        }
    }

    /** Takes a reason away; nothing when it does not stand. Effect and threads as with {@link #mark}. */
    public void clear(Backend backend, Reason reason) {
        synchronized (lock) {
            if (backend.removed()) {
                return;
            }
            Unavailability old = backend.clear(reason);
            if (old != null) {
                flips.cleared(backend, old, control.clock().instant());
                rebuildSoon();
            }
        }
    }

    /** Notes whether active checks have given a result for this backend. Control threads only. */
    public void checked(Backend backend, boolean checked) {
        backend.checked(checked);
    }

    // Operators; false when there is no such backend

    /** Takes a backend out softly: it gets no further request. Survives reload and discovery. */
    public boolean drain(String address) {
        return operate(address, backend -> set(backend, Reason.DRAINED));
    }

    /** Takes a backend out at once: it gets no further request and idle connections are closed. Survives as above. */
    public boolean disable(String address) {
        return operate(address, backend -> set(backend, Reason.DISABLED));
    }

    /** Ends {@link #drain} and {@link #disable}. */
    public boolean enable(String address) {
        return operate(address, backend -> {
            operators.enable(address);
            lift(backend, Reason.DRAINED);
            lift(backend, Reason.DISABLED);
        });
    }

    /** Sets a backend's weight, 0 and more, whatever discovery says. Survives as above. */
    public boolean weight(String address, int weight) {
        if (weight < 0) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
        }
        return operate(address, backend -> {
            operators.weight(address, weight);
            backend.update(backend.endpoint(), weight);
        });
    }

    /** Gives a backend the weight of discovery again. */
    public boolean resetWeight(String address) {
        return operate(address, backend -> {
            operators.resetWeight(address);
            backend.update(backend.endpoint(), null);
        });
    }

    private boolean operate(String address, Consumer<Backend> action) {
        synchronized (lock) {
            Backend backend = members.get(address);
            if (backend == null) {
                return false;
            }
            action.accept(backend);
            rebuild();
            return true;
        }
    }

    private void set(Backend backend, Reason reason) {
        Instant now = control.clock().instant();
        Unavailability state =
                operators.set(backend.address(), new Unavailability(reason, now, null, "set by an operator"));
        if (backend.mark(state)) {
            flips.marked(backend, state);
        }
        lift(backend, reason == Reason.DRAINED ? Reason.DISABLED : Reason.DRAINED);
    }

    private void lift(Backend backend, Reason reason) {
        Unavailability old = backend.clear(reason);
        if (old != null) {
            flips.cleared(backend, old, control.clock().instant());
        }
    }

    // Snapshots; under the lock

    /** Takes new settings over; the policy and its state stay unless the policy's kind changed. */
    void configure(ServiceConfig config) {
        synchronized (lock) {
            ServiceConfig old = snapshot.config();
            if (config.equals(old)) {
                return;
            }
            if (config.balance() != old.balance()) {
                policy = control.policies().apply(config.balance());
            }
            publish(config);
        }
        changed.accept(this);
    }

    /**
     * The service is no longer configured. Its last snapshot stays, so that requests that were routed a moment ago
     * still find a backend; these are told that they are removed.
     */
    void retire() {
        synchronized (lock) {
            retired = true;
            members.clear();
            flips.remove();
        }
    }

    void tick() {
        budget.tick();
    }

    private void rebuildSoon() {
        if (rebuildQueued.compareAndSet(false, true)) {
            control.executor().execute(() -> {
                rebuildQueued.set(false);
                synchronized (lock) {
                    rebuild();
                }
            });
        }
    }

    private void rebuild() {
        publish(snapshot.config());
    }

    private void publish(ServiceConfig config) {
        if (retired) {
            return;
        }
        List<Backend> all = members.all();
        // The new picker says whether they report to it; none shall report to the old one and keep it alive.
        all.forEach(Backend::unfollow);
        Snapshot next = Snapshot.of(config, all, policy);
        snapshot = next;
        flips.panic(next.panic());
    }
}
