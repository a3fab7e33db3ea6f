package weir.proxy;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.accesslog.LoggedExchange;
import weir.service.DiscoveryStatus;
import weir.service.Service;

/** What log lines say of the service, and of the attempts made on its backends. Confined to one event loop. */
public interface AttemptedExchange extends LoggedExchange {
    /** The attempts so far. */
    AttemptLog attemptLog();

    /** The service; null for none. */
    @Nullable
    Service servedBy();

    @Override
    default @Nullable String service() {
        Service by = servedBy();
        return by == null ? null : by.name();
    }

    @Override
    default long discoveryAgeNanos() {
        Service by = servedBy();
        DiscoveryStatus status = by == null ? null : by.discovery();
        Instant answered = status == null ? null : status.answered();
        long age = answered == null ? -1 : Math.max(0, startedMillis() - answered.toEpochMilli());
        return age < 0 ? -1 : TimeUnit.MILLISECONDS.toNanos(age);
    }

    @Override
    default @Nullable String backend() {
        AttemptLog log = attemptLog();
        return log.count() == 0 ? null : log.address(log.count() - 1);
    }

    @Override
    default int attempts() {
        return attemptLog().count();
    }

    @Override
    default String attemptBackend(int attempt) {
        return attemptLog().address(attempt);
    }

    @Override
    default String attemptCode(int attempt) {
        return attemptLog().code(attempt);
    }

    @Override
    default int attemptStatus(int attempt) {
        return attemptLog().status(attempt);
    }
}
