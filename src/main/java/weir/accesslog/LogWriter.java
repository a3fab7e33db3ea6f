package weir.accesslog;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.AccessLogConfig;
import weir.metrics.LoopCounter;

/**
 * The thread that takes chunks from the loops and gives them to the destination. Files are opened, rotated and closed
 * on it alone; the other threads leave a note and wake it.
 */
final class LogWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LoopLog[] loops;
    private final LoopCounter dropped;
    private final Destination destination;
    private final RareMessage droppedMessage = new RareMessage();
    private final Thread thread = new Thread(this, "access-log");
    private long droppedSaid;
    private volatile @Nullable AccessLogConfig wanted;
    private volatile boolean reopen;
    private volatile boolean closing;
    private volatile long deadline;
    private volatile boolean asleep;

    LogWriter(LoopLog[] loops, LoopCounter dropped, LoopCounter errors, AccessLogConfig config) {
        this.loops = loops;
        this.dropped = dropped;
        this.destination = new Destination(config, errors, this::mayRetry);
        thread.setDaemon(true);
    }

    void start() {
        destination.open();
        thread.start();
    }

    void use(AccessLogConfig config) {
        wanted = config;
        LockSupport.unpark(thread);
    }

    void reopen() {
        reopen = true;
        LockSupport.unpark(thread);
    }

    /** Called by a loop that handed over a chunk: one volatile read while the writer is busy. */
    void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    void close(Duration atMost) {
        deadline = System.nanoTime() + atMost.toNanos();
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(atMost.toMillis() + 1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        while (!closing) {
            attend();
            if (!drain()) {
                sleep();
            }
            sayDropped(false);
        }
        while (drain()) {
            // until the rings are empty
        }
        attend();
        for (LoopLog loop : loops) {
            write(loop.last());
            loop.last().clear(LoopLog.CHUNK);
        }
        sayDropped(true);
        destination.close();
    }

    /** Writes one chunk of each loop; false when there was none. */
    private boolean drain() {
        boolean any = false;
        for (LoopLog loop : loops) {
            LineBuffer chunk = loop.poll();
            if (chunk != null) {
                attend();
                write(chunk);
                loop.giveBack(chunk);
                any = true;
            }
        }
        return any;
    }

    private void write(LineBuffer chunk) {
        if (chunk.length() == 0) {
            return;
        }
        try {
            if (!destination.write(chunk)) {
                dropped.inc(chunk.lines());
            }
        } catch (RuntimeException bug) {
            dropped.inc(chunk.lines());
            LOG.error("access log: a batch could not be written", bug);
        }
    }

    /** Does what other threads left a note for. A chunk handed over after the note finds it done. */
    private void attend() {
        AccessLogConfig config = wanted;
        if (config != null) {
            wanted = null;
            destination.change(config);
        }
        if (reopen) {
            reopen = false;
            destination.reopen();
        }
    }

    private void sleep() {
        asleep = true;
        if (!closing && wanted == null && !reopen && noneFilled()) {
            LockSupport.parkNanos(this, IDLE_NANOS);
        }
        asleep = false;
    }

    private boolean noneFilled() {
        for (LoopLog loop : loops) {
            if (loop.hasFilled()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a write that failed should be tried again. */
    private boolean mayRetry() {
        return wanted == null && (!closing || System.nanoTime() - deadline < 0);
    }

    private void sayDropped(boolean now) {
        long total = dropped.getCount();
        if (total != droppedSaid && (droppedMessage.isDue() || now)) {
            LOG.warn(
                    "access log: {} lines lost, the destination did not take them in time ({} since start)",
                    total - droppedSaid,
                    total);
            droppedSaid = total;
        }
    }
}
