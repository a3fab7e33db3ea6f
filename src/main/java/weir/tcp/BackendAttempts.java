package weir.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.loop.Descriptors;
import weir.proxy.AttemptLog;
import weir.proxy.Loop;
import weir.proxy.ProxyError;
import weir.service.Backend;
import weir.service.Outcome;
import weir.service.Service;

/**
 * Gets a session its backend: it picks one and connects, and picks another one when that fails, for until then no byte
 * was sent. Every attempt ends once, in {@link #ended}. Confined to one event loop.
 */
final class BackendAttempts implements Dial.Waiting {
    private static final int MOST_FULL_BACKENDS = 16;

    private final Session session;
    private final Loop loop;
    private final BackendDialer dialer;
    private final AttemptLog log;
    private Backend[] tried = new Backend[2];
    private int triedCount;
    private int attempts;
    private @Nullable Service service;
    private @Nullable Backend backend;
    private @Nullable Dial dialing;
    private long latency;

    BackendAttempts(Session session, Loop loop, BackendDialer dialer, AttemptLog log) {
        this.session = session;
        this.loop = loop;
        this.dialer = dialer;
        this.log = log;
    }

    /** Makes an attempt on a backend not tried yet. */
    void start(Service on) {
        service = on;
        ServiceConfig.Limits limits = on.config().limits();
        boolean full = false;
        for (int i = 0; i < MOST_FULL_BACKENDS; i++) {
            Backend picked = on.pick(tried, triedCount);
            if (picked == null) {
                break;
            }
            remember(picked);
            full = true;
            if (picked.tryAcquire(limits.requestsPerBackend())) {
                if (picked.tryConnect(limits.connectionsPerBackend())) {
                    connect(on, picked);
                    return;
                }
                picked.release();
            }
        }
        session.fail(full ? ProxyError.OVERFLOW : ProxyError.NO_BACKEND);
    }

    private void remember(Backend picked) {
        if (triedCount == tried.length) {
            tried = Arrays.copyOf(tried, triedCount * 2);
        }
        tried[triedCount++] = picked;
    }

    private void connect(Service on, Backend picked) {
        backend = picked;
        attempts++;
        session.attemptStarted();
        Dial dial = new Dial(
                this,
                new SideHandler(new BackendSide(session)),
                session.facts(),
                on.config().wire());
        dialing = dial;
        dialer.connect(on.config(), picked.endpoint(), dial);
    }

    @Override
    public void connected(Channel channel) {
        try {
            dialing = null;
            dialer.connected(loop.index());
            Backend on = present(backend);
            channel.closeFuture().addListener(closed -> on.disconnected());
            on.resetConnectFailures();
            session.connected(channel);
        } catch (Throwable bug) {
            session.broke(bug);
        }
    }

    @Override
    public void failed(Throwable cause) {
        try {
            dialing = null;
            present(backend).disconnected();
            if (Descriptors.lackedIn(cause)) {
                ended(Outcome.NEUTRAL, ProxyError.DESCRIPTORS.code());
                session.fail(ProxyError.DESCRIPTORS);
                return;
            }
            boolean timeout = cause instanceof ConnectTimeoutException;
            dialer.failed(loop.index(), timeout);
            ProxyError error = timeout
                    ? ProxyError.CONNECT_TIMEOUT
                    : cause instanceof SSLException ? ProxyError.BACKEND_TLS : ProxyError.CONNECT_FAILED;
            ended(Outcome.CONNECT_FAILURE, error.code());
            again(error);
        } catch (Throwable bug) {
            session.broke(bug);
        }
    }

    private void again(ProxyError error) {
        Service on = present(service);
        ServiceConfig.Retry retry = on.config().retry();
        if (attempts < retry.attempts()
                && retry.onConnectFailure()
                && on.pick(tried, triedCount) != null
                && on.mayRetry(loop.index())) {
            loop.metrics().retried(loop.index(), on.name());
            long longest = retry.longestBackOffNanos(attempts);
            loop.schedule(session::retry, longest <= 0 ? 0 : loop.random().nextLong(longest));
        } else {
            session.fail(error);
        }
    }

    /** Makes the next attempt. */
    void again() {
        start(present(service));
    }

    /** The backend's first byte came after so long. */
    void responded(long nanos) {
        latency = Math.max(1, nanos);
    }

    /** Gives up a connection that is being made. */
    void abandon() {
        Dial pending = dialing;
        if (pending != null) {
            dialing = null;
            pending.abandon();
            dialer.failed(loop.index(), false);
            present(backend).disconnected();
        }
    }

    /** The one end of an attempt: counted out, reported, noted for the log. */
    void ended(Outcome outcome, String code) {
        Backend on = backend;
        if (on == null) {
            return;
        }
        backend = null;
        on.release();
        present(service).report(loop.index(), on, outcome, 0, latency);
        log.add(on.address(), 0, code);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("called outside an attempt");
        }
        return value;
    }
}
