package weir.discovery;

import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * Where and with what static discovery runs. Immutable.
 *
 * @param executor the control thread
 * @param random used on that thread only
 */
record DiscoveryThread(ScheduledExecutorService executor, NameResolver resolver, RandomGenerator random) {}
