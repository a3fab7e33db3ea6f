package weir.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each event loop last ticked, for whoever asks whether all of them live. A pause of the whole process, which stops
 * the one that observes as well, is nobody's silence. Loops write their own place; the rest is thread-safe.
 */
public final class Heartbeats {
    /** A loop that has not ticked for so long is stuck. */
    public static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How often {@link #observe} is to be called. */
    public static final long OBSERVED_MILLIS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int CACHE_LINE = 8;

    private final AtomicLongArray beats;
    private final int loops;
    private long observedAt;
    private long resumedAt;
    private List<Integer> said = List.of();

    /** The beats of so many loops, all of which have just ticked. */
    public Heartbeats(int loops, long nowNanos) {
        this.loops = loops;
        this.beats = new AtomicLongArray(loops * CACHE_LINE);
        this.observedAt = nowNanos;
        this.resumedAt = nowNanos;
        for (int i = 0; i < loops; i++) {
            beat(i, nowNanos);
        }
    }

    /** That loop ticks now. */
    public void beat(int loop, long nowNanos) {
        beats.lazySet(loop * CACHE_LINE, nowNanos);
    }

    /** The numbers of the loops that are stuck; to be called often, and says in the log what has changed. */
    public synchronized List<Integer> observe(long nowNanos) {
        if (nowNanos - observedAt >= PAUSE_NANOS) {
            resumedAt = nowNanos;
        }
        observedAt = nowNanos;
        List<Integer> silent = new ArrayList<>(0);
        for (int i = 0; i < loops; i++) {
            long last = beats.get(i * CACHE_LINE);
            if (nowNanos - last >= SILENCE_NANOS && nowNanos - resumedAt >= SILENCE_NANOS) {
                silent.add(i);
            }
        }
        say(silent);
        return silent;
    }

    private void say(List<Integer> silent) {
        if (silent.equals(said)) {
            return;
        }
        if (silent.isEmpty()) {
            LOG.warn("every event loop ticks again");
        } else {
            LOG.error("event loop {} has not ticked for 5 s", silent);
        }
        said = List.copyOf(silent);
    }
}
