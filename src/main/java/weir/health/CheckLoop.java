package weir.health;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Where and with what health checks run. Immutable.
 *
 * @param executor one thread: the event loop that the probe's sockets live on
 * @param random used on that thread only
 */
public record CheckLoop(
        ScheduledExecutorService executor, LongSupplier nanoTime, RandomGenerator random, Probe probe) {}
