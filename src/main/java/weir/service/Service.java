package weir.service;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;

/**
 * A named set of backends with one balancing policy. It outlives reloads as long as its name stays. Thread-safe; picks
 * and reports on every event loop, changes on the control thread.
 */
public final class Service {
    /** The name in the configuration. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** The settings now in force. */
    public ServiceConfig config() {
        throw new UnsupportedOperationException();
    }

    /** Every backend, available or not, in the order of discovery. */
    public List<Backend> backends() {
        throw new UnsupportedOperationException();
    }

    /**
     * A backend for one attempt that is none of the first {@code n} of {@code tried}; null when there is none. When no
     * backend is available at all, those that are only ejected are picked (panic).
     */
    public @Nullable Backend pick(Backend[] tried, int n) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reports how an attempt ended. {@code status} is 0 without a response, {@code latencyNanos} the time to the
     * response head or 0.
     */
    public void report(int loop, Backend backend, Outcome outcome, int status, long latencyNanos) {
        throw new UnsupportedOperationException();
    }

    /** Counts one request, of which retries may take a share. */
    public void countRequest(int loop) {
        throw new UnsupportedOperationException();
    }

    /** Whether the retry budget has room for one more attempt, which it then counts. */
    public boolean mayRetry(int loop) {
        throw new UnsupportedOperationException();
    }
}
