package weir.discovery;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads services one after the other: those that are said to have changed at once, and every one from time to time,
 * because weights, tags and instances without checks change without a change of a check. Thread-safe; one thread.
 */
final class SharedReader implements ConsulLoop.Turn {
    private static final Duration INTERVAL = Duration.ofMillis(5);
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final ConsulReader reader;
    private final BiConsumer<ConsulFollower, ConsulReader.Answer> answered;
    private final ConsulReports reports;
    private final ConsulLoop loop;
    private final Set<ConsulFollower> soon = new LinkedHashSet<>();
    /** When each was read last, the longest ago first. */
    private final Map<ConsulFollower, Long> readAt = new LinkedHashMap<>();

    private @Nullable ConsulFollower underWay;

    SharedReader(ConsulReader reader, BiConsumer<ConsulFollower, ConsulReader.Answer> answered, ConsulReports reports) {
        this.reader = reader;
        this.answered = answered;
        this.reports = reports;
        this.loop = new ConsulLoop("reader", INTERVAL, this);
        loop.start();
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
        loop.stop();
    }

    @Override
    public long run(ConsulLoop thisLoop) throws ConsulFailure {
        ConsulFollower follower = take();
        if (follower != null) {
            ConsulRequest request = thisLoop.sending(follower.query().request());
            ConsulReader.Answer answer = reader.read(follower.query(), request);
            if (follows(follower)) {
                answered.accept(follower, answer);
            }
        }
        return 0;
    }

    @Override
    public void failed(ConsulFailure failure) {
        ConsulFollower follower = underWay;
        if (follower == null) {
            return;
        }
        reports.failed(follower, failure);
        switch (failure.kind()) {
            case UNREACHABLE, TIMEOUT, UNAVAILABLE, ABORTED -> readSoon(follower);
            default -> {}
        }
    }

    private synchronized boolean follows(ConsulFollower follower) {
        return readAt.containsKey(follower);
    }

    /** Waits for one to read; null when there is none yet and it is worth looking whether the loop goes on. */
    private synchronized @Nullable ConsulFollower take() {
        underWay = null;
        if (soon.isEmpty()) {
            await();
        }
        Iterator<ConsulFollower> next = soon.iterator();
        if (next.hasNext()) {
            underWay = next.next();
            next.remove();
        } else if (!readAt.isEmpty() && untilSweepNanos() <= 0) {
            underWay = readAt.keySet().iterator().next();
        }
        if (underWay != null) {
            readAt.remove(underWay);
            readAt.put(underWay, System.nanoTime());
        }
        return underWay;
    }

    private long untilSweepNanos() {
        return readAt.values().iterator().next() + SWEEP_NANOS - System.nanoTime();
    }

    private void await() {
        long millis = readAt.isEmpty() ? 1_000 : TimeUnit.NANOSECONDS.toMillis(untilSweepNanos()) + 1;
        if (millis > 0) {
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
