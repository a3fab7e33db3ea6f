package weir.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads services, a few at a time and each by one thread at a time: those that are said to have changed at once, and every one from time to time,
 * because weights, tags and instances without checks change without a change of a check. Thread-safe.
 */
final class SharedReader {
    private static final Duration INTERVAL = Duration.ofMillis(5);
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final ConsulReader reader;
    private final BiConsumer<ConsulFollower, ConsulReader.Answer> answered;
    private final ConsulReports reports;
    private final List<ConsulLoop> loops = new ArrayList<>();
    private final Set<ConsulFollower> soon = new LinkedHashSet<>();
    /** When each was read last, the longest ago first. */
    private final Map<ConsulFollower, Long> readAt = new LinkedHashMap<>();

    private final Set<ConsulFollower> underWay = new HashSet<>();

    /** One of the threads. */
    private final class Reading implements ConsulLoop.Turn {
        private @Nullable ConsulFollower follower;

        @Override
        public long run(ConsulLoop loop) throws ConsulFailure {
            ConsulFollower now = take();
            follower = now;
            if (now != null) {
                try {
                    ConsulRequest request = loop.sending(now.query().request());
                    ConsulReader.Answer answer = reader.read(now.query(), request);
                    if (follows(now)) {
                        answered.accept(now, answer);
                    }
                } finally {
                    done(now);
                }
            }
            return 0;
        }

        @Override
        public void failed(ConsulFailure failure) {
            ConsulFollower now = follower;
            if (now != null) {
                SharedReader.this.failed(now, failure);
            }
        }
    }

    SharedReader(
            ConsulReader reader,
            BiConsumer<ConsulFollower, ConsulReader.Answer> answered,
            ConsulReports reports,
            int connections) {
        this.reader = reader;
        this.answered = answered;
        this.reports = reports;
        for (int i = 0; i < connections; i++) {
            ConsulLoop loop = new ConsulLoop("reader-" + i, INTERVAL, new Reading());
            loops.add(loop);
            loop.start();
        }
    }

    synchronized void follow(Set<ConsulFollower> followers) {
        soon.retainAll(followers);
        readAt.keySet().retainAll(followers);
        for (ConsulFollower follower : followers) {
            if (readAt.putIfAbsent(follower, System.nanoTime()) == null) {
                soon.add(follower);
            }
        }
        notifyAll();
    }

    synchronized void readSoon(ConsulFollower follower) {
        if (readAt.containsKey(follower) && soon.add(follower)) {
            notifyAll();
        }
    }

    void stop() {
        loops.forEach(ConsulLoop::stop);
    }

    private void failed(ConsulFollower follower, ConsulFailure failure) {
        reports.failed(follower, failure);
        switch (failure.kind()) {
            case UNREACHABLE, TIMEOUT, UNAVAILABLE, ABORTED -> readSoon(follower);
            default -> {}
        }
    }

    private synchronized void done(ConsulFollower follower) {
        underWay.remove(follower);
        if (soon.contains(follower)) {
            notifyAll();
        }
    }

    private synchronized boolean follows(ConsulFollower follower) {
        return readAt.containsKey(follower);
    }

    /** Waits for one to read; null when there is none yet and it is worth looking whether the loop goes on. */
    private synchronized @Nullable ConsulFollower take() {
        ConsulFollower next = next();
        if (next == null) {
            await();
            next = next();
        }
        if (next != null) {
            soon.remove(next);
            underWay.add(next);
            readAt.remove(next);
            readAt.put(next, System.nanoTime());
        }
        return next;
    }

    /** An answer that was asked for earlier must not come in later, so one under way waits. */
    private @Nullable ConsulFollower next() {
        for (ConsulFollower follower : soon) {
            if (!underWay.contains(follower)) {
                return follower;
            }
        }
        if (readAt.isEmpty() || untilSweepNanos() > 0) {
            return null;
        }
        ConsulFollower oldest = readAt.keySet().iterator().next();
        return underWay.contains(oldest) ? null : oldest;
    }

    private long untilSweepNanos() {
        return readAt.values().iterator().next() + SWEEP_NANOS - System.nanoTime();
    }

    private void await() {
        long millis = readAt.isEmpty() ? 1_000 : TimeUnit.NANOSECONDS.toMillis(untilSweepNanos());
        try {
            wait(Math.max(5, millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
