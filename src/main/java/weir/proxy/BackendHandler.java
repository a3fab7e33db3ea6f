package weir.proxy;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.connection.BoundConnections;
import weir.connection.ConnectListener;
import weir.connection.PendingConnect;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.ClientStream;
import weir.http.ConnectionFacts;
import weir.http.Fields;
import weir.http.Holding;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;
import weir.loop.Descriptors;
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
    private boolean fresh;
    private @Nullable Service service;
    private @Nullable Backend backend;
    private @Nullable PendingConnect connecting;
    private @Nullable BackendStream stream;
    private @Nullable BackendConnection connection;
    private int status;
    private long sentAt;
    private long readAt;
    private boolean bodyBegun;
    private long latency;

    BackendHandler(Exchange exchange, Loop loop) {
        this.exchange = exchange;
        this.loop = loop;
    }

    void reset() {
        Arrays.fill(tried, 0, triedCount, null);
        triedCount = 0;
        attempts = 0;
        readAt = 0;
        bodyBegun = false;
        fresh = false;
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
        exchange.grpc().attempt();
        ServiceConfig.Limits limits = on.config().limits();
        boolean full = false;
        for (int i = 0; i < MOST_FULL_BACKENDS; i++) {
            Backend picked = pick(on);
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

    /** The backend that knows the client by its connection goes before the policy's. */
    private @Nullable Backend pick(Service on) {
        BoundConnections logins = exchange.logins();
        Backend known = logins == null || triedCount > 0 ? null : logins.backend(on);
        return known != null ? known : on.pick(tried, triedCount);
    }

    private @Nullable BackendConnection idle(Service on, Backend picked) {
        BoundConnections logins = exchange.logins();
        BackendConnection own = logins == null ? null : logins.acquire(picked);
        return own != null ? own : loop.pool().acquireNow(on, picked);
    }

    /** Whether another backend could be picked, or the same one over a fresh connection. */
    boolean hasAlternative(Service on, boolean reusedConnection) {
        if (on.pick(tried, triedCount) != null) {
            return true;
        }
        if (reusedConnection && triedCount > 0) {
            // The other idle ones may be as dead as this one was.
            triedCount--;
            fresh = true;
            return true;
        }
        return false;
    }

    private boolean connect(Service on, Backend picked, ServiceConfig.Limits limits) {
        boolean connects = fresh && picked.tryConnect(limits.connectionsPerBackend());
        fresh = false;
        BackendConnection idle = connects ? null : idle(on, picked);
        PendingConnect joined = null;
        if (!connects && idle == null) {
            joined = loop.pool().join(on, picked, this);
            if (joined == null && !picked.tryConnect(limits.connectionsPerBackend())) {
                return false;
            }
        }
        backend = picked;
        attempts++;
        long now = System.nanoTime();
        exchange.attemptStarted(now, idle == null);
        if (idle != null) {
            open(idle, now);
        } else {
            connecting = joined != null ? joined : loop.pool().connect(on, picked, this);
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
    public ConnectionFacts client() {
        ClientStream of = exchange.stream();
        return new ConnectionFacts(of.peer(), of.local(), null);
    }

    @Override
    public void connected(BackendConnection connection) {
        connecting = null;
        try {
            open(connection, System.nanoTime());
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void connectFailed(boolean timeout, Throwable cause) {
        connecting = null;
        try {
            if (Descriptors.lackedIn(cause)) {
                attemptFailed(ProxyError.DESCRIPTORS, Outcome.NEUTRAL);
                return;
            }
            ProxyError error = timeout
                    ? ProxyError.CONNECT_TIMEOUT
                    : cause instanceof SSLException ? ProxyError.BACKEND_TLS : ProxyError.CONNECT_FAILED;
            attemptFailed(error, Outcome.CONNECT_FAILURE);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void crowdedOut() {
        connecting = null;
        try {
            attemptFailed(ProxyError.OVERFLOW, Outcome.NEUTRAL);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    private void open(BackendConnection of, long now) {
        BackendStream opened = of.open(this);
        stream = opened;
        connection = of;
        if (ConnectionLogin.inRequest(exchange.head().fields())) {
            exchange.bind(of);
        }
        sentAt = now;
        exchange.opened(opened, now);
    }

    /** {@link System#nanoTime()}, or when the head came if only one piece of a body was read since, in one go with it. */
    long now() {
        return readAt != 0 ? readAt : System.nanoTime();
    }

    @Nullable
    BackendStream stream() {
        return stream;
    }

    @Override
    public void informational(ResponseHead head) {
        try {
            exchange.response().informational(head);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void response(ResponseHead head, boolean last) {
        try {
            answered(head, last);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    private void answered(ResponseHead head, boolean last) {
        long now = System.nanoTime();
        status = head.status();
        latency = now - sentAt;
        BackendConnection from = connection;
        if (from != null && ConnectionLogin.inResponse(head.fields())) {
            exchange.bind(from);
        }
        GrpcCall grpc = exchange.grpc();
        grpc.head(head);
        if (exchange.retries().allowStatus(status)
                || (last && exchange.retries().allowGrpc(grpc.status()))) {
            abandon(Outcome.RESPONSE, "");
            exchange.retries().schedule();
            return;
        }
        if (last) {
            ended(Outcome.RESPONSE, "");
        }
        readAt = now;
        exchange.response().response(head, last, now);
    }

    @Override
    public void body(ByteBuf data) {
        if (bodyBegun) {
            readAt = 0;
        }
        bodyBegun = true;
        try {
            exchange.response().body(data);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        try {
            if (!exchange.response().tunnel()) {
                exchange.grpc().trailers(trailers);
                ended(Outcome.RESPONSE, "");
            }
            exchange.response().end(trailers);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void failed(BackendFailure failure) {
        try {
            switch (failure) {
                case RESET -> attemptFailed(ProxyError.RESET, Outcome.RESET);
                case REFUSED -> attemptFailed(ProxyError.REFUSED, Outcome.NEUTRAL);
                case INVALID_RESPONSE -> attemptFailed(ProxyError.INVALID_RESPONSE, Outcome.INVALID_RESPONSE);
                case UNSUPPORTED -> attemptFailed(ProxyError.UNSUPPORTED, Outcome.NEUTRAL);
                case HEAD_TOO_LARGE -> attemptFailed(ProxyError.RESPONSE_HEAD_TOO_LARGE, Outcome.INVALID_RESPONSE);
            }
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    private void attemptFailed(ProxyError error, Outcome outcome) {
        BackendStream failed = stream;
        boolean reused = failed != null && failed.reused() && status == 0;
        ended(outcome, error.code());
        exchange.retries().failed(error, reused);
    }

    @Override
    public void writable() {
        try {
            exchange.backendWritable();
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void readComplete() {
        readAt = 0;
        try {
            exchange.response().flush();
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public @Nullable Holding holding() {
        return exchange.holding();
    }

    /** Gives the attempt up, if one is under way. */
    void abandon(Outcome outcome, String code) {
        PendingConnect pending = connecting;
        if (pending != null) {
            pending.cancel(this);
            connecting = null;
        }
        BackendStream open = stream;
        if (open != null) {
            open.cancel();
        }
        ended(outcome, code);
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
        connection = null;
        on.release();
        GrpcCall grpc = exchange.grpc();
        GrpcStatus said = outcome == Outcome.RESPONSE && code.isEmpty() && grpc.failed() ? grpc.status() : null;
        if (said == null) {
            of.report(loop.index(), on, outcome, status, latency);
            log.add(on.address(), status, code);
        } else {
            of.report(loop.index(), on, grpc.outcome(outcome), grpc.countedStatus(status), latency);
            log.add(on.address(), status, said.text());
        }
    }
}
