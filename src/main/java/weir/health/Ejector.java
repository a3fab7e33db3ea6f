package weir.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import weir.config.ServiceConfig.Ejection;
import weir.service.Backend;
import weir.service.Outcome;
import weir.service.OutcomeListener;
import weir.service.Reason;
import weir.service.Service;
import weir.service.ServiceListener;
import weir.service.Unavailability;

/**
 * Passive health: ejects a backend after failures in a row of real requests and readmits it after a while, which grows
 * with ejections in a row and shrinks by one step for each base time that it then stays in. Thread-safe: event loops
 * only count, everything else happens on the control executor.
 *
 * <p>Never more than a share of the backends is ejected at a time, so that one broken URL does not empty a service.
 */
public final class Ejector implements OutcomeListener, ServiceListener {
    private static final double JITTER = 0.1;

    private final ScheduledExecutorService control;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final RandomGenerator random;

    /** An ejector that works on this executor; {@code random} is used there only. */
    public Ejector(
            ScheduledExecutorService control, LongSupplier nanoTime, InstantSource clock, RandomGenerator random) {
        this.control = control;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public void succeeded(Service service, Backend backend) {
        backend.resetErrors();
        backend.resetConnectFailures();
    }

    @Override
    public void failed(Service service, Backend backend, Outcome outcome, int status) {
        Ejection settings = service.config().ejection();
        if (outcome == Outcome.CONNECT_FAILURE) {
            int threshold = settings.consecutiveConnectFailures();
            if (threshold > 0 && reaches(backend.countConnectFailure(), threshold)) {
                control.execute(() -> eject(service, backend, threshold + " connect failures in a row"));
            }
            return;
        }
        if (outcome == Outcome.RESPONSE) {
            backend.resetConnectFailures();
        }
        int threshold = settings.consecutiveErrors();
        if (threshold > 0 && reaches(backend.countError(), threshold)) {
            control.execute(
                    () -> eject(service, backend, threshold + " errors in a row, the last: " + text(outcome, status)));
        }
    }

    /** At each multiple, so that a threshold lowered below the count is noticed and a burst asks but once. */
    private static boolean reaches(long count, int threshold) {
        return count % threshold == 0;
    }

    private static String text(Outcome outcome, int status) {
        return switch (outcome) {
            case RESPONSE -> "status " + status;
            case RESET -> "connection reset";
            case TIMEOUT -> "timeout";
            case INVALID_RESPONSE -> "invalid response";
            case CONNECT_FAILURE, NEUTRAL -> throw new IllegalArgumentException("outcome: " + outcome);
        };
    }

    // On the control executor

    private void eject(Service service, Backend backend, String why) {
        // Whatever comes of it, counting starts anew: what was under way at that moment is not held against it twice.
        forget(backend);
        Ejection settings = service.config().ejection();
        boolean isOut = backend.unavailability(Reason.EJECTED) != null;
        if (isOut || backend.removed() || !mayEject(service, settings.maxPercent())) {
            return;
        }
        int streak = streak(backend, settings.baseTime()) + 1;
        backend.ejectionStreak(streak, nanoTime.getAsLong());
        long nanos = nanos(settings, streak);
        Instant until = clock.instant().plusNanos(nanos);
        service.mark(backend, Reason.EJECTED, until, why);
        control.schedule(() -> readmitAt(service, backend, until), nanos, TimeUnit.NANOSECONDS);
    }

    /** What is left of the ejections in a row after the time it has stayed in since the last one. */
    private int streak(Backend backend, Duration baseTime) {
        long stayedNanos = nanoTime.getAsLong() - backend.readmittedNanos();
        long steps = stayedNanos / Math.max(1, baseTime.toNanos());
        return (int) Math.max(0, backend.ejectionStreak() - steps);
    }

    private long nanos(Ejection settings, int streak) {
        Duration time = settings.baseTime().multipliedBy(streak);
        Duration longest = settings.maxTime();
        if (!longest.isZero() && time.compareTo(longest) > 0) {
            time = longest;
        }
        return (long) (time.toNanos() * (1 - JITTER + 2 * JITTER * random.nextDouble()));
    }

    /** At most that share, rounded down, of those that could take traffic; but one when there are two or more. */
    private static boolean mayEject(Service service, int maxPercent) {
        int candidates = 0;
        int ejected = 0;
        for (Backend backend : service.backends()) {
            if (backend.unavailability(Reason.DRAINED) == null
                    && backend.unavailability(Reason.DISABLED) == null
                    && backend.weight() > 0) {
                candidates++;
                ejected += backend.unavailability(Reason.EJECTED) == null ? 0 : 1;
            }
        }
        int allowed = (int) ((long) candidates * maxPercent / 100);
        if (candidates >= 2 && maxPercent > 0) {
            allowed = Math.max(1, allowed);
        }
        return ejected < allowed;
    }

    private void readmitAt(Service service, Backend backend, Instant until) {
        Unavailability ejection = backend.unavailability(Reason.EJECTED);
        if (ejection != null && until.equals(ejection.until())) {
            readmit(service, backend);
        }
    }

    private void readmit(Service service, Backend backend) {
        forget(backend);
        backend.ejectionStreak(backend.ejectionStreak(), nanoTime.getAsLong());
        service.clear(backend, Reason.EJECTED);
    }

    private static void forget(Backend backend) {
        backend.resetErrors();
        backend.resetConnectFailures();
    }

    /** Readmits everybody when ejection was turned off; other settings count from the next failure on. */
    @Override
    public void changed(Service service) {
        Ejection settings = service.config().ejection();
        if (settings.consecutiveErrors() == 0 && settings.consecutiveConnectFailures() == 0) {
            control.execute(() -> {
                for (Backend backend : service.backends()) {
                    if (backend.unavailability(Reason.EJECTED) != null) {
                        readmit(service, backend);
                    }
                }
            });
        }
    }

    @Override
    public void removed(Service service) {
        // Timers of removed backends end by themselves: their marks no longer change anything.
    }
}
