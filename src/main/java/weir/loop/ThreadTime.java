package weir.loop;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processor time of the calling thread in nanoseconds, once it is measured; 0 before. Thread-safe. */
public final class ThreadTime implements LongSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadTime.class);

    private volatile @Nullable ThreadMXBean threads;

    /** Begins to measure, where the JVM can. Loads classes, so it is called off the loops, and after the start. */
    public void measure() {
        try {
            load();
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("the processor time of threads is not known", e);
        }
    }

    private void load() {
        ThreadMXBean all = ManagementFactory.getThreadMXBean();
        if (all.isCurrentThreadCpuTimeSupported() && all.isThreadCpuTimeEnabled()) {
            all.getCurrentThreadCpuTime(); // so that what it takes to load is loaded
            threads = all;
        }
    }

    @Override
    public long getAsLong() {
        ThreadMXBean all = threads;
        return all == null ? 0 : all.getCurrentThreadCpuTime();
    }
}
