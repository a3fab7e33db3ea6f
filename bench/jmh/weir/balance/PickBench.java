package weir.balance;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import weir.config.ServiceConfig.Balance;
import weir.service.Backend;
import weir.service.Service;
import weir.testing.ServiceFixture;

/**
 * What a pick costs by policy and number of backends, with three requests in flight on the busiest. {@code -t 2} shows
 * what loops that pick at once do to each other.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PickBench {
    private static final Backend[] NONE = {};

    @Param({"ROUND_ROBIN", "LEAST_CONNECTIONS", "RANDOM"})
    Balance policy;

    @Param({"3", "100", "10000"})
    int backends;

    private @Nullable Service service;

    @Setup
    public void start() {
        int[] weights = new int[backends];
        for (int i = 0; i < backends; i++) {
            weights[i] = 1 + i % 3;
        }
        Service made = new ServiceFixture().service(ServiceFixture.config(policy), ServiceFixture.endpoints(weights));
        for (int i = 0; i < backends; i++) {
            for (int n = 0; n < i % 4; n++) {
                made.backends().get(i).tryAcquire(0);
            }
        }
        service = made;
    }

    /** The pick alone. */
    @Benchmark
    public @Nullable Backend pick() {
        Service from = service;
        return from == null ? null : from.pick(NONE, 0);
    }

    /** The pick with the count of requests in flight up and down, as an exchange does it. */
    @Benchmark
    public @Nullable Backend pickAcquireRelease() {
        Service from = service;
        Backend backend = from == null ? null : from.pick(NONE, 0);
        if (backend != null && backend.tryAcquire(1024)) {
            backend.release();
        }
        return backend;
    }
}
