package weir.proxy;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.connection.ConnectListener;
import weir.connection.PendingConnect;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;
import weir.service.Backend;
import weir.service.Outcome;
import weir.service.Service;

/**
 * The backend's half of an exchange: one attempt after another. It picks a backend, gets a connection, and hands the
 * response's events to the {@link Exchange}. Every attempt ends once, in {@link #ended}. Confined to one event loop.
 *
 * <pre>
 *   IDLE ── start ──▶ CONNECTING ── connected ──▶ OPEN ── response ──▶ ANSWERED ── end ──▶ IDLE
 *     ▲                   │ connectFailed           │ failed               │ failed
 *     └───────────────────┴─────────────────────────┴──────────────────────┘
 * </pre>
 */
final class BackendHandler implements ResponseReceiver, ConnectListener {
    private static final int MOST_FULL_BACKENDS = 16;

    private final Exchange exchange;
    private final Loop loop;
    private final AttemptLog log = new AttemptLog();
    private Backend[] tried = new Backend[4];
    private int triedCount;
    private int attempts;
    private @Nullable Service service;
    private @Nullable Backend backend;
    private @Nullable PendingConnect connecting;
    private @Nullable BackendStream stream;
    private int status;
    private long sentAt;
    private long latency;

    BackendHandler(Exchange exchange, Loop loop) {
        this.exchange = exchange;
        this.loop = loop;
    }

    void reset() {
        Arrays.fill(tried, 0, triedCount, null);
        triedCount = 0;
        attempts = 0;
        service = null;
        log.clear();
    }

    AttemptLog log() {
        return log;
    }

    int attempts() {
        return attempts;
    }

    /** The name the current backend was configured under. */
    String endpointHost() {
        Backend on = backend;
        return on == null ? "" : on.endpoint().host();
    }

    /** Makes an attempt on a backend not tried yet. Any failure goes to the exchange. */
    void start(Service on) {
        service = on;
        status = 0;
        latency = 0;
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
                if (connect(on, picked, limits)) {
                    return;
                }
                picked.release();
            }
        }
        exchange.fail(full ? ProxyError.OVERFLOW : ProxyError.NO_BACKEND);
    }

    /** Whether another backend could be picked, or the same one over a fresh connection. */
    boolean hasAlternative(Service on, boolean reusedConnection) {
        if (on.pick(tried, triedCount) != null) {
            return true;
        }
        if (reusedConnection && triedCount > 0) {
            triedCount--;
            return true;
        }
        return false;
    }

    private boolean connect(Service on, Backend picked, ServiceConfig.Limits limits) {
        BackendConnection idle = loop.pool().acquireNow(on, picked);
        if (idle == null && !picked.tryConnect(limits.connectionsPerBackend())) {
            return false;
        }
        backend = picked;
        attempts++;
        exchange.attemptStarted(idle == null);
        if (idle != null) {
            open(idle);
        } else {
            connecting = loop.pool().connect(on, picked, this);
        }
        return true;
    }

    private void remember(Backend picked) {
        if (triedCount == tried.length) {
            tried = Arrays.copyOf(tried, triedCount * 2);
        }
        tried[triedCount++] = picked;
    }

    @Override
    public void connected(BackendConnection connection) {
        connecting = null;
        open(connection);
    }

    @Override
    public void connectFailed(boolean timeout, Throwable cause) {
        connecting = null;
        attemptFailed(timeout ? ProxyError.CONNECT_TIMEOUT : ProxyError.CONNECT_FAILED, Outcome.CONNECT_FAILURE);
    }

    private void open(BackendConnection connection) {
        BackendStream opened = connection.open(this);
        stream = opened;
        sentAt = System.nanoTime();
        exchange.opened(opened, sentAt);
    }

    @Nullable
    BackendStream stream() {
        return stream;
    }

    @Override
    public void informational(ResponseHead head) {
        exchange.informational(head);
    }

    @Override
    public void response(ResponseHead head, boolean last) {
        long now = System.nanoTime();
        status = head.status();
        latency = now - sentAt;
        if (exchange.retriesStatus(status)) {
            abandon(Outcome.RESPONSE, "");
            exchange.retry();
            return;
        }
        if (last) {
            ended(Outcome.RESPONSE, "");
        }
        exchange.response(head, last, now);
    }

    @Override
    public void body(ByteBuf data) {
        exchange.responseBody(data);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        if (!exchange.tunnelEnds()) {
            ended(Outcome.RESPONSE, "");
        }
        exchange.responseEnd(trailers);
    }

    @Override
    public void failed(BackendFailure failure) {
        ProxyError error = switch (failure) {
            case RESET -> ProxyError.RESET;
            case REFUSED -> ProxyError.REFUSED;
            case INVALID_RESPONSE -> ProxyError.INVALID_RESPONSE;
            case HEAD_TOO_LARGE -> ProxyError.RESPONSE_HEAD_TOO_LARGE;
        };
        Outcome outcome = switch (failure) {
            case RESET -> Outcome.RESET;
            case REFUSED -> Outcome.NEUTRAL;
            case INVALID_RESPONSE, HEAD_TOO_LARGE -> Outcome.INVALID_RESPONSE;
        };
        attemptFailed(error, outcome);
    }

    private void attemptFailed(ProxyError error, Outcome outcome) {
        BackendStream failed = stream;
        boolean reused = failed != null && failed.reused() && status == 0;
        ended(outcome, error.code());
        exchange.attemptFailed(error, reused);
    }

    @Override
    public void writable() {
        exchange.backendWritable();
    }

    @Override
    public void readComplete() {
        exchange.flushClient();
    }

    /** Gives the attempt up, if one is under way. */
    void abandon(Outcome outcome, String code) {
        PendingConnect pending = connecting;
        if (pending != null) {
            pending.cancel();
            connecting = null;
        }
        BackendStream open = stream;
        if (backend != null) {
            ended(outcome, code);
        }
        if (open != null) {
            open.cancel();
        }
    }

    /** The one end of an attempt: counted out, reported, noted for the log. */
    void ended(Outcome outcome, String code) {
        Backend on = backend;
        Service of = service;
        if (on == null || of == null) {
            return;
        }
        backend = null;
        stream = null;
        on.release();
        of.report(loop.index(), on, outcome, status, latency);
        log.add(on.address(), status, code);
    }
}
