package weir.http;

import java.util.Arrays;

/**
 * Limits what the peer of one multiplexed connection may cost without moving a request on: streams reset
 * (CVE-2023-44487, CVE-2025-8671) and frames that carry nothing (CVE-2019-9511 to 9518). {@link Event} is the table of
 * costs; what moves something gives credit. Counts in periods of 30 s. Confined to one event loop.
 */
public final class FloodGuard {
    /** The length of a period in seconds. */
    public static final int PERIOD_SECONDS = 30;

    private static final long PERIOD_NANOS = PERIOD_SECONDS * 1_000_000_000L;
    private static final int MOST_NOISE = 1000;

    /**
     * Resets sent on a connection to a backend in a period, beyond which it takes no new streams. Those in flight, 99 at
     * most, may be reset as well, and the backend's period may be half of this one and half of the one before: together
     * that stays below the 200 in 30 s of Netty's servers.
     */
    private static final int MOST_CANCELS = 48;

    private final Role role;
    private final int mostResets;
    private final int[] counts = new int[Event.COUNT];
    private long since;
    private int resets;
    private int noise;

    /** Peer and protocol of a guarded connection. */
    public enum Role {
        HTTP2_CLIENT(1),
        HTTP2_BACKEND(10),
        HTTP3_CLIENT(1);

        private final int excess;

        /** @param excess how many times the limit of frames that carry nothing ends the connection at once */
        Role(int excess) {
            this.excess = excess;
        }
    }

    /**
     * Events and their costs, one for each {@link Role} in order. A negative cost is credit. Resets have a budget of their
     * own.
     */
    public enum Event {
        /** A head that is valid: of a request, or of a backend's response. */
        HEAD("", -10, -20, -10),
        /** A DATA frame of the peer, some of whose payload was delivered to an open stream. */
        PAYLOAD("", -10, -10, -10),
        /** A head or a DATA frame sent to the peer, which may answer it by WINDOW_UPDATE and PING. */
        SENT("", -10, -10, 0),
        PING("ping-flood", 1, 1, 0),
        SETTINGS("settings-flood", 1, 1, 1),
        PRIORITY("priority-flood", 1, 1, 0),
        WINDOW_UPDATE("window-update-flood", 1, 1, 0),
        GOAWAY("goaway-flood", 1, 1, 1),
        EMPTY_DATA("empty-data-flood", 1, 1, 1),
        /** A CONTINUATION without payload, or one too many. */
        CONTINUATION("continuation-flood", 1, 1, 0),
        UNKNOWN("unknown-frame-flood", 1, 1, 1),
        /** A reset of a stream that has ended. */
        LATE_RESET("reset-flood", 1, 1, 0),
        /** A header block, which must be decoded, of a stream that is ignored. */
        LATE_HEADERS("headers-flood", 2, 1, 2),
        /** A stream that the peer reset; of a backend, one that Weir reset. */
        RESET("reset-flood", 1, 1, 1),
        /** A stream that Weir reset, or a request that it refused, because of an error of the peer. */
        ERROR("error-flood", 1, 0, 1);

        private static final Event[] ALL = values();
        private static final int COUNT = ALL.length;

        private final String why;
        private final int[] costs;

        Event(String why, int... costs) {
            this.why = why;
            this.costs = costs;
        }

        /** Name of a flood of these events in the log. */
        public String why() {
            return why;
        }
    }

    /** Consequence of an event. */
    public enum Verdict {
        PASS,
        /** The connection is to take no new streams; those in flight may end. */
        RETIRE,
        /** The connection is to be closed. */
        CLOSE
    }

    private FloodGuard(Role role, int mostResets, long nowNanos) {
        this.role = role;
        this.mostResets = mostResets;
        this.since = nowNanos;
    }

    /**
     * A guard against a client.
     *
     * @param mostResets streams that may be reset in a period; 0 means any number
     */
    public static FloodGuard ofClient(Role role, int mostResets, long nowNanos) {
        return new FloodGuard(role, mostResets, nowNanos);
    }

    /** A guard against a backend, and of it against the resets of many clients. */
    public static FloodGuard ofBackend(long nowNanos) {
        return new FloodGuard(Role.HTTP2_BACKEND, MOST_CANCELS, nowNanos);
    }

    /** Begins a new period when the last one is over. */
    public void tick(long nowNanos) {
        if (nowNanos - since >= PERIOD_NANOS) {
            since = nowNanos;
            resets = 0;
            noise = 0;
            Arrays.fill(counts, 0);
        }
    }

    /** Counts an event. */
    public Verdict count(Event event) {
        int cost = event.costs[role.ordinal()];
        if (cost < 0) {
            noise = Math.max(0, noise + cost);
            return Verdict.PASS;
        }
        counts[event.ordinal()]++;
        return event == Event.RESET || event == Event.ERROR ? reset(cost) : noise(cost);
    }

    private Verdict reset(int cost) {
        resets += cost;
        if (mostResets == 0 || resets <= mostResets) {
            return Verdict.PASS;
        }
        return role == Role.HTTP2_BACKEND ? Verdict.RETIRE : Verdict.CLOSE;
    }

    private Verdict noise(int cost) {
        noise += cost;
        if (noise <= MOST_NOISE) {
            return Verdict.PASS;
        }
        return noise <= MOST_NOISE * role.excess ? Verdict.RETIRE : Verdict.CLOSE;
    }

    /** The event counted most in this period. */
    private Event most() {
        Event most = Event.PING;
        for (Event event : Event.ALL) {
            if (counts[event.ordinal()] > counts[most.ordinal()]) {
                most = event;
            }
        }
        return most;
    }

    /** Name of this period's flood in the log. */
    public String why() {
        return most().why;
    }

    /** How often the event that makes most of it was counted. */
    public int count() {
        return counts[most().ordinal()];
    }
}
