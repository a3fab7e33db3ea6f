package weir.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/**
 * The state of the process and its JVM: memory, collections, threads, file descriptors. The beans are asked when
 * somebody looks, so that none is loaded at start. Thread-safe.
 */
public final class JvmMetrics implements Collector {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    @Override
    public void collect(Sink sink) {
        process(sink);
        memory(sink, "heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
        memory(sink, "nonheap", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            sink.sample(MetricFamily.JVM_BUFFERS, pool.getMemoryUsed(), "pool", pool.getName());
        }
        for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            sink.sample(MetricFamily.JVM_GC_COLLECTIONS, gc.getCollectionCount(), "gc", gc.getName());
            sink.sample(MetricFamily.JVM_GC_SECONDS, gc.getCollectionTime() / MILLIS, "gc", gc.getName());
        }
        sink.sample(
                MetricFamily.JVM_THREADS, ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static void process(Sink sink) {
        var runtime = ManagementFactory.getRuntimeMXBean();
        sink.sample(MetricFamily.PROCESS_START, runtime.getStartTime() / MILLIS);
        sink.sample(MetricFamily.PROCESS_UPTIME, runtime.getUptime() / MILLIS);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            sink.sample(MetricFamily.PROCESS_CPU, system.getProcessCpuTime() / NANOS);
            sink.sample(MetricFamily.PROCESS_OPEN_FDS, system.getOpenFileDescriptorCount());
            sink.sample(MetricFamily.PROCESS_MAX_FDS, system.getMaxFileDescriptorCount());
        }
    }

    private static void memory(Sink sink, String area, MemoryUsage usage) {
        sink.sample(MetricFamily.JVM_MEMORY_USED, usage.getUsed(), "area", area);
        sink.sample(MetricFamily.JVM_MEMORY_COMMITTED, usage.getCommitted(), "area", area);
        sink.sample(MetricFamily.JVM_MEMORY_MAX, usage.getMax(), "area", area);
    }
}
