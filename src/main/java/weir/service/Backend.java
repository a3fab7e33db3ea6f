package weir.service;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live node of one endpoint: requests in flight, connections, health, ejection. It lives as long as discovery
 * reports its address, across reloads. Thread-safe: requests change its counters on every event loop, its
 * {@link Service} changes the rest under its own lock.
 */
public final class Backend {
    /** The weight of the newest latency in the moving average is one in this many. */
    private static final int LATENCY_SHARE = 8;

    private final int number;
    private final BackendCounters counters;
    private volatile Endpoint endpoint;
    private volatile int weight;
    private volatile boolean weightOverridden;
    private volatile boolean removed;
    private volatile boolean checked;
    private volatile boolean disabled;
    private volatile List<Unavailability> unavailabilities = List.of();
    private volatile long ejections;
    private volatile long healthFlips;
    private volatile int ejectionStreak;
    private volatile long readmittedNanos;
    private volatile @Nullable Follower follower;

    private record Follower(LoadListener listener, int place) {}

    Backend(int number, int loops, Endpoint endpoint) {
        this.number = number;
        this.counters = new BackendCounters(loops);
        this.endpoint = endpoint;
        this.weight = endpoint.weight();
    }

    /** The facts as discovery reported them last. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The identity, {@code ip:port}. */
    public String address() {
        return endpoint.address();
    }

    /** Where to connect. */
    public InetSocketAddress socketAddress() {
        return endpoint.socketAddress();
    }

    /**
     * A small number that no other live backend of the process has: an index for tables of each event loop. Used again
     * once this backend is removed, so who keeps something under it also compares the backend.
     */
    public int number() {
        return number;
    }

    // What requests change

    /** Counts one request in unless that many are in flight; 0 means no limit. */
    public boolean tryAcquire(int limit) {
        boolean granted = counters.tryAdd(BackendCounters.IN_FLIGHT, limit);
        // Also when refused: others may have seen the count in between.
        tellFollower();
        return granted;
    }

    /** Counts one request out. */
    public void release() {
        counters.addShared(BackendCounters.IN_FLIGHT, -1);
        tellFollower();
    }

    private void tellFollower() {
        Follower told = follower;
        if (told != null) {
            told.listener().loadChanged(told.place());
        }
    }

    /**
     * Has further changes of the requests in flight told to that listener, and no longer to another one. While a policy
     * makes a picker only: before the next one is made, nobody is told any more.
     */
    public void follow(LoadListener listener, int place) {
        follower = new Follower(listener, place);
    }

    /** Has changes of the requests in flight told to nobody. */
    void unfollow() {
        follower = null;
    }

    /** Requests in flight over all event loops. */
    public int inFlight() {
        return (int) counters.shared(BackendCounters.IN_FLIGHT);
    }

    /** Counts one connection in unless that many are open; 0 means no limit. */
    public boolean tryConnect(int limit) {
        return counters.tryAdd(BackendCounters.CONNECTIONS, limit);
    }

    /** Counts one connection out. */
    public void disconnected() {
        counters.addShared(BackendCounters.CONNECTIONS, -1);
    }

    /** Open connections over all event loops. */
    public int connections() {
        return (int) counters.shared(BackendCounters.CONNECTIONS);
    }

    /** Requests sent to it since it is known, one for each attempt. */
    public long requests() {
        return counters.sum(BackendCounters.REQUESTS);
    }

    /** Attempts on it that failed, statuses that count as errors included. */
    public long errors() {
        return counters.sum(BackendCounters.ERRORS);
    }

    /** Responses whose status begins with that digit, 1 to 5. */
    public long responses(int statusClass) {
        return counters.sum(BackendCounters.RESPONSES + statusClass);
    }

    /** Moving average of the time to the response head, in nanoseconds; 0 when unknown. */
    public long latencyNanos() {
        return counters.shared(BackendCounters.LATENCY_NANOS);
    }

    /** Errors since the last success, without connect failures. */
    public long consecutiveErrors() {
        return counters.shared(BackendCounters.CONSECUTIVE_ERRORS);
    }

    /** Counts one more error in a row; returns how many there are now. */
    public long countError() {
        return counters.addShared(BackendCounters.CONSECUTIVE_ERRORS, 1);
    }

    /** Connect failures since the last response. */
    public long consecutiveConnectFailures() {
        return counters.shared(BackendCounters.CONSECUTIVE_CONNECT_FAILURES);
    }

    /** Counts one more connect failure in a row; returns how many there are now. */
    public long countConnectFailure() {
        return counters.addShared(BackendCounters.CONSECUTIVE_CONNECT_FAILURES, 1);
    }

    /** Forgets errors in a row; writes only when there are any. */
    public void resetErrors() {
        if (counters.shared(BackendCounters.CONSECUTIVE_ERRORS) != 0) {
            counters.setShared(BackendCounters.CONSECUTIVE_ERRORS, 0);
        }
    }

    /** Forgets connect failures in a row; writes only when there are any. */
    public void resetConnectFailures() {
        if (counters.shared(BackendCounters.CONSECUTIVE_CONNECT_FAILURES) != 0) {
            counters.setShared(BackendCounters.CONSECUTIVE_CONNECT_FAILURES, 0);
        }
    }

    void record(int loop, boolean error, int status, long latencyNanos) {
        counters.increment(loop, BackendCounters.REQUESTS);
        if (error) {
            counters.increment(loop, BackendCounters.ERRORS);
        }
        if (status >= 100 && status < 600) {
            counters.increment(loop, BackendCounters.RESPONSES + status / 100);
        }
        if (latencyNanos > 0) {
            // An update lost between two loops does not move an average much; a locked instruction would cost more.
            long average = counters.shared(BackendCounters.LATENCY_NANOS);
            long next = average == 0 ? latencyNanos : average + (latencyNanos - average) / LATENCY_SHARE;
            counters.setShared(BackendCounters.LATENCY_NANOS, next);
        }
    }

    // What stands against it

    /** Whether discovery or the configuration no longer names it: idle connections are closed, none is kept. */
    public boolean removed() {
        return removed;
    }

    /** Whether an operator disabled it: idle connections are closed, none is kept. */
    public boolean disabled() {
        return disabled;
    }

    /** The weight in force: the operator's, else that of discovery. 0 gets no traffic. */
    public int weight() {
        return weight;
    }

    /** Whether an operator set the weight. */
    public boolean weightOverridden() {
        return weightOverridden;
    }

    /** Whether no reason stands against it and its weight is above 0. */
    public boolean available() {
        return weight > 0 && unavailabilities.isEmpty();
    }

    /** Every reason that stands against it; empty when available. In the order of {@link Reason}. */
    public List<Unavailability> unavailabilities() {
        return unavailabilities;
    }

    /** What is known of one reason, or null when it does not stand against this backend. */
    public @Nullable Unavailability unavailability(Reason reason) {
        for (Unavailability u : unavailabilities) {
            if (u.reason() == reason) {
                return u;
            }
        }
        return null;
    }

    /** Whether an active check has given a result; until then its health is unknown and it counts as available. */
    public boolean checked() {
        return checked;
    }

    /** How often it was ejected since it is known. */
    public long ejections() {
        return ejections;
    }

    /** How often an active check took it out or back since it is known. */
    public long healthFlips() {
        return healthFlips;
    }

    /** Ejections in a row, as the ejector left them at {@link #readmittedNanos()}. */
    public int ejectionStreak() {
        return ejectionStreak;
    }

    /** When the last ejection ended, by the ejector's clock. */
    public long readmittedNanos() {
        return readmittedNanos;
    }

    /** Keeps how many ejections in a row there were and when the last one ended; the ejector's, control thread only. */
    public void ejectionStreak(int streak, long readmittedNanos) {
        this.ejectionStreak = streak;
        this.readmittedNanos = readmittedNanos;
    }

    // Changed by the service, under its lock

    void update(Endpoint endpoint, @Nullable Integer operatorWeight) {
        this.endpoint = endpoint;
        this.weightOverridden = operatorWeight != null;
        this.weight = operatorWeight != null ? operatorWeight : endpoint.weight();
    }

    void remove() {
        removed = true;
    }

    void checked(boolean checked) {
        this.checked = checked;
    }

    /** Adds a reason, or replaces its text and end; returns whether it is new. */
    boolean mark(Unavailability added) {
        List<Unavailability> next = new ArrayList<>(unavailabilities);
        boolean isNew = !next.removeIf(u -> u.reason() == added.reason());
        next.add(added);
        next.sort(Comparator.comparing(Unavailability::reason));
        unavailabilities = List.copyOf(next);
        disabled |= added.reason() == Reason.DISABLED;
        count(added.reason(), isNew, true);
        return isNew;
    }

    /** Takes a reason away; returns what it was, or null when it did not stand. */
    @Nullable
    Unavailability clear(Reason reason) {
        Unavailability old = unavailability(reason);
        if (old != null) {
            List<Unavailability> next = new ArrayList<>(unavailabilities);
            next.remove(old);
            unavailabilities = List.copyOf(next);
            disabled &= reason != Reason.DISABLED;
            count(reason, true, false);
        }
        return old;
    }

    /** Plain additions will do: there is one writer at a time. */
    private void count(Reason reason, boolean flipped, boolean out) {
        if (flipped && reason == Reason.HEALTH) {
            healthFlips++;
        }
        if (flipped && out && reason == Reason.EJECTED) {
            ejections++;
        }
    }
}
