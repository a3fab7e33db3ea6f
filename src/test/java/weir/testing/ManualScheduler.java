package weir.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A control thread whose time stands still until a test moves it: nothing runs but in {@link #run} and
 * {@link #advance}, on the thread of the test. Tasks may be added from any thread.
 */
public final class ManualScheduler extends AbstractExecutorService implements ScheduledExecutorService, InstantSource {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong((Task t) -> t.due).thenComparingLong(t -> t.order));
    private long now;
    private long added;

    private final class Task extends FutureTask<Object> implements ScheduledFuture<Object> {
        private final long order = added++;
        private final long period;
        private long due;

        Task(Runnable command, long due, long period) {
            super(command, null);
            this.due = due;
            this.period = period;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - now, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(due, ((Task) other).due);
        }

        void runNow() throws Exception {
            if (period == 0) {
                run();
                if (!isCancelled()) {
                    get();
                }
            } else if (runAndReset()) {
                due += period;
                tasks.add(this);
            }
        }
    }

    /** Runs what is due, and what that makes due. */
    public void run() {
        advance(Duration.ZERO);
    }

    /** Moves time on, running each task at its own time. */
    public void advance(Duration duration) {
        long end = now + duration.toNanos();
        for (Task task = next(end); task != null; task = next(end)) {
            now = Math.max(now, task.due);
            try {
                task.runNow();
            } catch (Exception e) {
                throw new AssertionError("a task failed", e);
            }
        }
        now = end;
    }

    private synchronized Task next(long end) {
        while (!tasks.isEmpty() && tasks.peek().isCancelled()) {
            tasks.poll();
        }
        return tasks.isEmpty() || tasks.peek().due > end ? null : tasks.poll();
    }

    /** How many tasks wait that were not cancelled. */
    public synchronized int waiting() {
        return (int) tasks.stream().filter(t -> !t.isCancelled()).count();
    }

    /** The time as {@link System#nanoTime()} gives it. */
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant instant() {
        return START.plusNanos(now);
    }

    private synchronized Task add(Runnable command, long delayNanos, long periodNanos) {
        Task task = new Task(command, now + Math.max(0, delayNanos), periodNanos);
        tasks.add(task);
        return task;
    }

    @Override
    public void execute(Runnable command) {
        add(command, 0, 0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(command, unit.toNanos(delay), 0);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return add(command, unit.toNanos(initialDelay), unit.toNanos(period));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return add(command, unit.toNanos(initialDelay), unit.toNanos(delay));
    }

    @Override
    public void shutdown() {
        shutdownNow();
    }

    @Override
    public synchronized List<Runnable> shutdownNow() {
        tasks.clear();
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
