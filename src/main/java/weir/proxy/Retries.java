package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.http.RequestHead;
import weir.service.Service;

/**
 * Whether a failed attempt of an exchange is followed by another one (RFC 9110 section 9.2.2), and when. Confined to one
 * event loop.
 */
final class Retries {
    private final Exchange exchange;
    private final RequestRelay request;
    private final BackendHandler attempt;
    private final Loop loop;
    private int generation;

    Retries(Exchange exchange, RequestRelay request, BackendHandler attempt, Loop loop) {
        this.exchange = exchange;
        this.request = request;
        this.attempt = attempt;
        this.loop = loop;
    }

    /** Forgets a retry that still waits. */
    void reset() {
        generation++;
    }

    /** The attempt failed: makes another one, or fails the exchange. */
    void failed(ProxyError error, boolean reusedConnection) {
        if (exchange.isOpen() && allow(error, reusedConnection)) {
            schedule();
        } else {
            exchange.fail(error);
        }
    }

    /** Whether a response of that status is thrown away for another attempt; then {@link #schedule} follows. */
    boolean allowStatus(int status) {
        return status >= 400 && exchange.service().retriesOn(status) && allow(ProxyError.STATUS, false);
    }

    /** The same for the status of a gRPC call, if the response is nothing but that. */
    boolean allowGrpc(@Nullable GrpcStatus status) {
        return status != null
                && status != GrpcStatus.OK
                && status.retriedBy(exchange.service().config().retry())
                && allow(ProxyError.GRPC_STATUS, false);
    }

    /** Whether to try again; a yes is counted in the budget. */
    private boolean allow(ProxyError error, boolean reusedConnection) {
        Service on = exchange.service();
        ServiceConfig.Retry retry = on.config().retry();
        return !exchange.response().heard()
                && attempt.attempts() < retry.attempts()
                && configured(retry, error)
                && safe(error, exchange.head())
                && attempt.hasAlternative(on, reusedConnection)
                && on.mayRetry(loop.index());
    }

    private static boolean configured(ServiceConfig.Retry retry, ProxyError error) {
        return switch (error) {
            case CONNECT_FAILED, CONNECT_TIMEOUT, BACKEND_TLS, REFUSED -> retry.onConnectFailure();
            case RESET -> retry.onReset();
            case STATUS, GRPC_STATUS -> true; // which ones is the service's set
            default -> false;
        };
    }

    private boolean safe(ProxyError error, RequestHead head) {
        return switch (error.again()) {
            case NEVER -> false;
            case IF_UNSENT -> request.bodyless() || request.repeatable();
            case IF_IDEMPOTENT -> request.bodyless() && head.method().idempotent() && !head.upgradesToWebSocket();
        };
    }

    /** Makes another attempt after the back-off, if the exchange still waits for it. */
    void schedule() {
        Service on = exchange.service();
        exchange.between();
        loop.metrics().retried(loop.index(), on.name());
        int expected = generation;
        Runnable again = () -> {
            if (exchange.isOpen() && generation == expected) {
                start(on);
            }
        };
        long longest = on.config().retry().longestBackOffNanos(attempt.attempts());
        loop.schedule(again, longest <= 0 ? 0 : loop.random().nextLong(longest));
    }

    private void start(Service on) {
        try {
            attempt.start(on);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }
}
