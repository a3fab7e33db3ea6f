package weir.loop;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The processor time of the calling thread in nanoseconds, once it is measured; 0 before. Thread-safe. */
public final class ThreadTime implements LongSupplier {
    private volatile @Nullable ThreadMXBean threads;

    /** Begins to measure, where the JVM can. Loads classes, so it is called off the loops, and after the start. */
    public void measure() {
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
