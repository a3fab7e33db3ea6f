package weir.http2;

/**
 * What a client may cost without asking for anything: streams it resets or makes us reset (CVE-2023-44487,
 * CVE-2025-8671), and frames that move nothing, such as SETTINGS, PING, PRIORITY, WINDOW_UPDATE and empty DATA
 * (CVE-2019-9511 to 9518). Counted in periods of 30 s; frames that move something give back some of the latter.
 * Confined to one event loop.
 */
final class FloodGuard {
    private static final long PERIOD_NANOS = 30_000_000_000L;
    private static final int NOISE = 1000;
    private static final int EARNED = 10;

    private final int mostResets;
    private long since;
    private int resets;
    private int noise;

    /** At most so many resets in a period; 0 means any number. */
    FloodGuard(int mostResets, long nowNanos) {
        this.mostResets = mostResets;
        this.since = nowNanos;
    }

    void tick(long nowNanos) {
        if (nowNanos - since >= PERIOD_NANOS) {
            since = nowNanos;
            resets = 0;
            noise = 0;
        }
    }

    /** A frame moved something. */
    void useful() {
        noise = Math.max(0, noise - EARNED);
    }

    /** A frame moved nothing; false when those were too many. */
    boolean noise() {
        return ++noise <= NOISE;
    }

    /** A stream was reset for the client's sake; false when those were too many. */
    boolean reset() {
        return ++resets <= mostResets || mostResets == 0;
    }
}
