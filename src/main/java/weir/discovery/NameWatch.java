package weir.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the addresses of one host name for one service: resolves it again when the answer's time to live is over. A
 * failure, also a name that is gone, keeps the last answer and is tried again with back-off; it is said once. Confined to
 * the control thread, but for {@link #answered()}.
 */
final class NameWatch {
    private static final Logger LOG = LoggerFactory.getLogger(StaticDiscovery.class);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    /** An answer that claims to hold for days is still looked at again. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final double JITTER = 0.1;
    private static final int MOST_DOUBLINGS = 16;

    private final String service;
    private final String host;
    private final DiscoveryThread thread;
    private final Runnable changed;
    private Duration refresh;
    private List<InetAddress> addresses = List.of();
    private int failures;
    private volatile boolean stopped;
    private @Nullable Future<?> next;
    private volatile boolean answered;

    NameWatch(String service, String host, Duration refresh, DiscoveryThread thread, Runnable changed) {
        this.service = service;
        this.host = host;
        this.refresh = refresh;
        this.thread = thread;
        this.changed = changed;
    }

    /** Resolves the name now. */
    void start() {
        thread.resolver().resolve(host, this::hand);
    }

    /** On any thread; the control thread may be gone once this watch is stopped. */
    private void hand(Resolution answer) {
        if (!stopped) {
            thread.executor().execute(() -> resolved(answer));
        }
    }

    void stop() {
        stopped = true;
        if (next != null) {
            next.cancel(false);
        }
    }

    /** How long an answer without time to live holds; from the next answer on. */
    void refresh(Duration newRefresh) {
        refresh = newRefresh;
    }

    /** The last answer, in a steady order. */
    List<InetAddress> addresses() {
        return addresses;
    }

    /** Whether there was an answer, be it that there is no such name. Any thread. */
    boolean answered() {
        return answered;
    }

    private void resolved(Resolution answer) {
        if (stopped) {
            return;
        }
        answered |= !(answer instanceof Resolution.Failed);
        if (answer instanceof Resolution.Found found) {
            found(found);
        } else if (answer instanceof Resolution.Absent absent) {
            failed(absent.why());
        } else if (answer instanceof Resolution.Failed failed) {
            failed(failed.why());
        }
    }

    private void found(Resolution.Found found) {
        List<InetAddress> before = addresses;
        addresses = sorted(found.partial() ? withOtherFamily(found.addresses()) : found.addresses());
        if (failures > 0) {
            LOG.info("service {}: {} resolves again, to {} addresses", service, host, addresses.size());
        }
        failures = 0;
        Duration holds = found.timeToLive() != null ? found.timeToLive() : refresh;
        again(holds.compareTo(LONGEST) > 0 ? LONGEST : holds);
        if (!addresses.equals(before)) {
            changed.run();
        }
    }

    private void failed(String why) {
        if (failures == 0) {
            LOG.warn("service {}: cannot resolve {}: {}; keeping {} addresses", service, host, why, addresses.size());
        }
        Duration pause = SHORTEST.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        Duration longest = refresh.compareTo(SHORTEST) > 0 ? refresh : SHORTEST;
        double jitter = 1 - JITTER + 2 * JITTER * thread.random().nextDouble();
        Duration bounded = pause.compareTo(longest) > 0 ? longest : pause;
        again(Duration.ofNanos((long) (bounded.toNanos() * jitter)));
    }

    private void again(Duration pause) {
        long nanos = Math.max(SHORTEST.toNanos() * 9 / 10, pause.toNanos());
        next = thread.executor().schedule(this::start, nanos, TimeUnit.NANOSECONDS);
    }

    private List<InetAddress> withOtherFamily(List<InetAddress> found) {
        List<InetAddress> all = new ArrayList<>(found);
        boolean isFour = found.get(0) instanceof Inet4Address;
        addresses.stream()
                .filter(known -> known instanceof Inet4Address != isFour)
                .forEach(all::add);
        return all;
    }

    /** Name servers rotate their answers; the order of backends must not follow. */
    private static List<InetAddress> sorted(List<InetAddress> found) {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparing((InetAddress a) -> a.getAddress().length)
                        .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned))
                .toList();
    }
}
