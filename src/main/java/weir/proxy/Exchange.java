package weir.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.http.BackendStream;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.Tick;
import weir.route.Route;
import weir.service.Outcome;
import weir.service.Service;

/**
 * One request and its response, from first byte to log line. Every failure goes through {@link #fail}; everything
 * ends in {@link #complete}, exactly once. The object serves one exchange after another on its connection. Confined to
 * one event loop.
 *
 * <p>Calls that may make the stream start its next request are the last thing a method does.
 */
final class Exchange implements RequestReceiver, Tick.Member {
    private final ClientHandler client;
    private final Loop loop;
    private final BackendHandler attempt;
    private final ExchangeRecord record;
    private final ExchangeDeadline deadline = new ExchangeDeadline();
    private int tickPlace = -1;
    private int generation;

    private @Nullable ClientStream stream;
    private @Nullable RequestHead head;
    private @Nullable Route route;
    private @Nullable Service service;
    private boolean open;
    private boolean bodyless;
    private boolean requestEnded;
    private boolean responding;
    private boolean tunnel;
    private boolean backendEnded;
    private long bodyLimit;

    Exchange(ClientHandler client, Loop loop) {
        this.client = client;
        this.loop = loop;
        this.attempt = new BackendHandler(this, loop);
        this.record = new ExchangeRecord(client, attempt.log());
    }

    /** Begins anew for the next request of the stream. */
    void begin(ClientStream on) {
        generation++;
        stream = on;
        open = true;
        bodyless = false;
        requestEnded = false;
        responding = false;
        tunnel = false;
        backendEnded = false;
        route = null;
        service = null;
        attempt.reset();
        deadline.clear();
        record.begin(System.nanoTime());
        loop.metrics().started(loop.index());
        loop.tick().join(this);
    }

    // From the client

    @Override
    public void request(RequestHead request, boolean last) {
        head = request;
        bodyless = last;
        requestEnded = last;
        record.request(request);
        client.dispatch(this, request, stream(), record);
    }

    @Override
    public void rejected(RequestHead request, MessageError error) {
        head = request;
        record.request(request);
        failMessage(error);
    }

    @Override
    public void body(ByteBuf data) {
        BackendStream to = attempt.stream();
        if (!open || to == null) {
            data.release();
            return;
        }
        int bytes = data.readableBytes();
        if (!tunnel && bodyLimit > 0 && record.bytesIn() + bytes > bodyLimit) {
            data.release();
            fail(ProxyError.BODY_TOO_LARGE);
            return;
        }
        record.received(bytes);
        deadline.touch(loop.tick().now());
        to.write(data);
        if (open && !to.writable()) {
            stream().pause();
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        if (!open) {
            return;
        }
        requestEnded = true;
        BackendStream to = attempt.stream();
        if (to != null) {
            to.finish(trailers);
            to.flush();
        }
        if (tunnel) {
            tunnelEnd();
        } else if (!responding) {
            deadline.awaitResponse(loop.tick().now());
        }
    }

    @Override
    public void broken(MessageError error) {
        if (open) {
            failMessage(error);
        }
    }

    @Override
    public void aborted() {
        if (open) {
            fail(ProxyError.CLIENT_GONE);
        }
    }

    @Override
    public void writable() {
        BackendStream from = attempt.stream();
        if (from != null) {
            from.resume();
        }
    }

    @Override
    public void readComplete() {
        BackendStream to = attempt.stream();
        if (to != null) {
            to.flush();
        }
    }

    // To a backend

    /** Sends the request to the service, the route's edits already made. */
    void send(Route to, Service on, long bodyLimit) {
        this.route = to;
        this.service = on;
        this.bodyLimit = bodyLimit;
        record.route(to, on);
        on.countRequest(loop.index());
        deadline.begin(on.config().timeouts(), loop.tick().now());
        if (bodyLimit > 0 && head().contentLength() > bodyLimit) {
            fail(ProxyError.BODY_TOO_LARGE);
            return;
        }
        attempt.start(on);
    }

    void attemptStarted(boolean connecting) {
        record.attemptStarted(System.nanoTime());
        if (connecting && !bodyless) {
            stream().pause();
        }
    }

    void opened(BackendStream to, long now) {
        record.connected(now);
        RequestHead request = head();
        client.prepare(request, route(), stream(), attempt.endpointHost());
        to.request(request, bodyless);
        if (bodyless) {
            deadline.awaitResponse(loop.tick().now());
        } else {
            deadline.transfer(loop.tick().now());
            stream().resume();
        }
        to.flush();
    }

    void backendWritable() {
        if (open) {
            stream().resume();
        }
    }

    // From a backend

    void informational(ResponseHead response) {
        if (open && !responding) {
            stream().inform(response);
        }
    }

    /** Whether a response of that status is thrown away for another attempt; then {@link #retry} follows. */
    boolean retriesStatus(int status) {
        return status >= 400 && service().retriesOn(status) && mayRetry(ProxyError.STATUS, false);
    }

    void response(ResponseHead response, boolean last, long now) {
        responding = true;
        record.responded(response.status(), now);
        client.edit(response, route());
        ClientStream to = stream();
        if (response.status() == 101) {
            switchProtocols(response, to);
            return;
        }
        deadline.transfer(loop.tick().now());
        if (last) {
            complete("");
        }
        to.respond(response, last);
        if (last) {
            to.flush();
        }
    }

    private void switchProtocols(ResponseHead response, ClientStream to) {
        tunnel = true;
        requestEnded = false;
        loop.metrics().tunnelStarted(loop.index());
        deadline.tunnel(service().config().timeouts().tunnelIdle(), loop.tick().now());
        BackendStream from = attempt.stream();
        to.respond(response, false);
        to.pause(); // what the client sent early waits until the backend's side is a tunnel, too
        to.tunnel();
        if (from != null) {
            from.tunnel();
        }
        to.flush();
        to.resume();
    }

    void responseBody(ByteBuf data) {
        if (!open) {
            data.release();
            return;
        }
        record.sent(data.readableBytes());
        deadline.touch(loop.tick().now());
        ClientStream to = stream();
        to.write(data);
        BackendStream from = attempt.stream();
        if (from != null && !to.writable()) {
            from.pause();
        }
    }

    /** Whether a backend's end is that of one direction of a tunnel, not of the attempt. */
    boolean tunnelEnds() {
        return tunnel && !requestEnded;
    }

    void responseEnd(@Nullable Fields trailers) {
        if (!open) {
            return;
        }
        ClientStream to = stream();
        if (tunnel) {
            backendEnded = true;
            to.finish(null);
            to.flush();
            tunnelEnd();
            return;
        }
        complete("");
        to.finish(trailers);
        to.flush();
    }

    private void tunnelEnd() {
        if (requestEnded && backendEnded) {
            attempt.ended(Outcome.RESPONSE, "");
            complete("");
        } else {
            deadline.tunnelClosing(loop.tick().now());
        }
    }

    void flushClient() {
        if (open) {
            stream().flush();
        }
    }

    void attemptFailed(ProxyError error, boolean reusedConnection) {
        if (open && mayRetry(error, reusedConnection)) {
            retry();
        } else if (open) {
            fail(error);
        }
    }

    // Again

    private boolean mayRetry(ProxyError error, boolean reusedConnection) {
        Service on = service();
        ServiceConfig.Retry retry = on.config().retry();
        boolean allowed = switch (error) {
            case CONNECT_FAILED, CONNECT_TIMEOUT, REFUSED -> retry.onConnectFailure();
            case RESET -> retry.onReset();
            case STATUS -> true;
            default -> false;
        };
        boolean safe = error.again() == ProxyError.Again.IF_UNSENT
                || (bodyless && head().method().idempotent() && !head().upgradesToWebSocket());
        return allowed
                && safe
                && !responding
                && attempt.attempts() < retry.attempts()
                && attempt.hasAlternative(on, reusedConnection)
                && on.mayRetry(loop.index());
    }

    /** Makes another attempt after the back-off. */
    void retry() {
        Service on = service();
        ServiceConfig.Retry retry = on.config().retry();
        long cap = retry.minimumBackOff().toNanos() << Math.min(attempt.attempts() - 1, 20);
        cap = Math.min(cap, retry.maximumBackOff().toNanos());
        deadline.pause();
        loop.metrics().retried(loop.index(), on.name());
        if (!bodyless) {
            stream().pause();
        }
        int expected = generation;
        Runnable again = () -> {
            if (open && generation == expected) {
                attempt.start(on);
            }
        };
        loop.schedule(again, cap <= 0 ? 0 : loop.random().nextLong(cap));
    }

    // The end

    @Override
    public void tick(long nowNanos) {
        if (loop.expired()) {
            fail(ProxyError.SHUTDOWN);
            return;
        }
        ProxyError late = deadline.check(nowNanos);
        if (late != null) {
            fail(late == ProxyError.IDLE_TIMEOUT ? stalled() : late);
        }
    }

    /** Whose silence an idle timeout is: the client's when it does not read or does not send. */
    private ProxyError stalled() {
        BackendStream with = attempt.stream();
        boolean client = responding ? !stream().writable() : with != null && with.writable();
        return client ? ProxyError.CLIENT_STALLED : ProxyError.IDLE_TIMEOUT;
    }

    private void failMessage(MessageError error) {
        end(error.status(), error.code(), ProxyError.BAD_MESSAGE);
    }

    /** Ends the exchange because of an error: with an answer if none has begun, else by breaking it off. */
    void fail(ProxyError error) {
        if (open) {
            end(error.status(), error.code(), error);
        }
    }

    private void end(int status, String code, ProxyError error) {
        attempt.abandon(outcome(error), code);
        ClientStream to = stream();
        if (responding || status == 499) {
            if (!responding) {
                record.responded(status, 0);
            }
            complete(code);
            to.reset();
            return;
        }
        boolean keepOpen = requestEnded && error != ProxyError.BAD_MESSAGE && error != ProxyError.SHUTDOWN;
        answer(client.error(head, status), code, keepOpen);
    }

    private static Outcome outcome(ProxyError error) {
        return switch (error) {
            case RESPONSE_TIMEOUT, IDLE_TIMEOUT -> Outcome.TIMEOUT;
            default -> Outcome.NEUTRAL;
        };
    }

    /** Answers the client from here, without a backend, and completes. */
    void answer(LocalAnswer answer, String code, boolean keepOpen) {
        ClientStream to = stream();
        responding = true;
        record.responded(answer.head().status(), System.nanoTime());
        record.sent(answer.bodyBytes());
        if (!keepOpen) {
            to.closeAfterResponse();
        }
        complete(code);
        answer.write(to, loop.heads(), client.date());
    }

    /** The single exit: counts, logs, and lets the head go. */
    private void complete(String why) {
        open = false;
        loop.tick().leave(this);
        if (tunnel) {
            loop.metrics().tunnelEnded(loop.index());
        }
        record.complete(why, System.nanoTime());
        client.completed(record, route);
        loop.log().log(record);
        RequestHead done = head;
        head = null;
        record.release();
        if (done != null) {
            loop.heads().release(done);
        }
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }

    private ClientStream stream() {
        return present(stream);
    }

    private RequestHead head() {
        return present(head);
    }

    private Route route() {
        return present(route);
    }

    private Service service() {
        return present(service);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("called outside an exchange");
        }
        return value;
    }
}
