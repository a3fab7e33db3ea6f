package weir;

import io.netty.util.Version;
import io.netty.util.internal.PlatformDependent;
import weir.cli.VersionCommand;
import weir.listener.Transport;
import weir.metrics.Collector;
import weir.metrics.MetricFamily;

/** What the composition root alone knows of the process: its versions, and the memory Netty holds. Thread-safe. */
record ProcessSeries(Transport transport) implements Collector {
    @Override
    public void collect(Sink sink) {
        sink.sample(MetricFamily.DIRECT_MEMORY, Math.max(0, PlatformDependent.usedDirectMemory()));
        sink.sample(MetricFamily.CONNECTIONS_BROKEN, transport.broken().sum(), "side", "transport");
        sink.sample(
                MetricFamily.BUILD_INFO,
                1,
                "version",
                VersionCommand.weir(),
                "java",
                Runtime.version().toString(),
                "netty",
                netty(),
                "transport",
                transport.name());
    }

    private static String netty() {
        Version common = Version.identify().get("netty-common");
        return common == null ? "unknown" : common.artifactVersion();
    }
}
