package weir.proxy;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ServiceConfig;
import weir.connection.BoundConnections;
import weir.http.BackendConnection;
import weir.http.BackendStream;
import weir.http.Breakage;
import weir.http.ClientStream;
import weir.http.Holding;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.route.Route;
import weir.service.Outcome;
import weir.service.Service;

/**
 * One request and its response, from first byte to log line. The request's events come through {@link RequestRelay},
 * the response's through {@link BackendHandler} and {@link ResponseRelay}. Every failure goes through {@link #fail};
 * everything ends in {@link #complete}, exactly once. Then the object is free for another request of its connection,
 * of any stream. Confined to one event loop.
 *
 * <p>Calls that may make the stream start its next request are the last thing a method does.
 */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    /** A head that needs more is cut to what the log says while its response is under way. */
    private static final int LARGE_HEAD = 4 * 1024;

    private final ClientHandler client;
    private final Loop loop;
    private final RequestRelay request = new RequestRelay(this);
    private final BackendHandler attempt;
    private final ResponseRelay response;
    private final Retries retries;
    private final ExchangeRecord record;
    private final ExchangeDeadline deadline;
    private final GrpcCall grpc = new GrpcCall();

    private @Nullable ClientStream stream;
    private @Nullable ListenerRouting routing;
    private @Nullable RequestHead head;
    private @Nullable Route route;
    private @Nullable Service service;
    private boolean open;
    private int held;

    Exchange(ClientHandler client, Loop loop) {
        this.client = client;
        this.loop = loop;
        this.attempt = new BackendHandler(this, loop);
        this.response = new ResponseRelay(this, attempt);
        this.retries = new Retries(this, request, attempt, loop);
        this.record = new ExchangeRecord(client, attempt.log());
        this.deadline = new ExchangeDeadline(this, loop);
    }

    /** Begins anew for a request of that stream, under the routing of this moment. */
    RequestRelay begin(ClientStream on, ListenerRouting now) {
        stream = on;
        routing = now;
        open = true;
        route = null;
        service = null;
        request.reset();
        response.reset();
        attempt.reset();
        retries.reset();
        grpc.reset();
        deadline.join();
        record.begin(on.tls());
        loop.metrics().started(loop.index());
        return request;
    }

    boolean isOpen() {
        return open;
    }

    /** The backend connections on which the client has logged in; null for none. */
    @Nullable
    BoundConnections logins() {
        return client.logins();
    }

    /** The connection carries a login of the client. */
    void bind(BackendConnection connection) {
        client.bind(connection, head().protocol());
    }

    BackendHandler attempt() {
        return attempt;
    }

    ResponseRelay response() {
        return response;
    }

    Retries retries() {
        return retries;
    }

    GrpcCall grpc() {
        return grpc;
    }

    // From the client

    /** Finds out what becomes of the request and begins it. */
    void dispatch(RequestHead received) {
        head = received;
        countHeld();
        record.request(received);
        grpc.request(received);
        client.dispatch(this, received, record, routing().routing());
    }

    void reject(RequestHead received, MessageError error) {
        head = received;
        countHeld();
        record.request(received);
        grpc.request(received);
        fail(error);
    }

    /** Counts what the exchange itself holds: the head, and what is kept of the body. */
    private void countHeld() {
        Holding of = stream().holding();
        RequestHead now = head;
        if (of != null) {
            held = of.change(
                    held,
                    (now == null ? 0 : now.fields().heldBytes())
                            + request.kept().bytes());
        }
    }

    /** A tick has passed. A large head is cut once no other backend can be asked: its stream may stall for long. */
    void tick() {
        RequestHead sent = head;
        if (open && sent != null && response.begun() && sent.fields().array().length > LARGE_HEAD) {
            record.detach();
            sent.compact();
            countHeld();
        }
    }

    /** What the client's connection holds. */
    @Nullable
    Holding holding() {
        ClientStream of = stream;
        return of == null ? null : of.holding();
    }

    /** Whether so many more bytes of the body are too many. */
    boolean exceedsBodyLimit(int bytes) {
        long limit = routing().routing().bodyLimit();
        return limit > 0 && !response.tunnel() && record.bytesIn() + bytes > limit;
    }

    void received(int bytes) {
        record.received(bytes);
        deadline.touch();
        if (request.kept().whole()) {
            countHeld();
        }
    }

    /** The request's body, or the client's direction of a tunnel, has ended. */
    void requestEnded() {
        if (open && response.tunnel()) {
            tunnelEnd();
        } else if (open && !response.begun() && attempt.stream() != null) {
            deadline.awaitResponse();
        }
    }

    // To a backend

    /** Notes the route, also one that ends here. */
    void route(Route to, @Nullable Service on) {
        route = to;
        service = on;
        record.route(routing().name(to), on);
    }

    /** Sends the request to the route's service. */
    void send(Service on) {
        on.countRequest(loop.index());
        ServiceConfig config = on.config();
        deadline.begin(config.timeouts(), grpc.timeoutNanos());
        request.kept().begin(grpc.repeats(config.retry()));
        if (route().bodyTimeoutNanos() >= 0) {
            stream().bodyTimeout(route().bodyTimeoutNanos());
        }
        long limit = routing().routing().bodyLimit();
        if (limit > 0 && head().contentLength() > limit) {
            fail(ProxyError.BODY_TOO_LARGE);
            return;
        }
        attempt.start(on);
    }

    void attemptStarted(long now, boolean connecting) {
        record.attemptStarted(now);
        if (connecting) {
            between();
        }
    }

    void opened(BackendStream to, long now) {
        record.connected(now);
        RequestHead sent = head();
        ClientStream from = stream();
        client.prepare(sent, route(), attempt.endpointHost());
        to.request(sent, request.bodyless());
        if (attempt.stream() == to) {
            request.repeat(to);
        }
        if (attempt.stream() != to) {
            return;
        }
        if (request.ended()) {
            deadline.awaitResponse();
        } else {
            deadline.transfer();
            from.resume();
        }
        to.flush();
    }

    void backendWritable() {
        if (open) {
            stream().resume();
        }
    }

    // From a backend

    /** A final head came: it is made what the client shall see. */
    void responded(ResponseHead received, long now) {
        record.responded(received.status(), now);
        request.kept().forget();
        client.edit(received, route());
        deadline.transfer();
    }

    void sent(int bytes) {
        record.sent(bytes);
        deadline.touch();
    }

    void tunnelStarted() {
        request.tunnel();
        loop.metrics().tunnelStarted(loop.index());
        deadline.tunnel();
    }

    /** One direction of a tunnel has ended; the other one has a moment to do the same. */
    void tunnelEnd() {
        if (request.ended() && response.ended()) {
            attempt.ended(Outcome.RESPONSE, "");
            complete("");
        } else {
            deadline.tunnelClosing();
        }
    }

    /** The next attempt is on its way, or waits: nothing is read meanwhile that could not be sent. */
    void between() {
        deadline.pause();
        if (!request.ended()) {
            stream().pause();
        }
    }

    // The end

    /** Something did not come in time. */
    void late(ProxyError error) {
        try {
            fail(error == ProxyError.IDLE_TIMEOUT ? stalled() : error);
        } catch (Throwable bug) {
            broke(bug);
        }
    }

    /**
     * Whose silence an idle timeout is: the client's when it does not read, or does not send what the backend waits for.
     * Once a response has begun nobody can tell who waits for whom while the request has not ended.
     */
    private ProxyError stalled() {
        BackendStream with = attempt.stream();
        boolean clientsTurn = !request.ended() && with != null && with.writable();
        if (response.begun()) {
            return !stream().writable()
                    ? ProxyError.CLIENT_STALLED
                    : clientsTurn ? ProxyError.STREAM_IDLE : ProxyError.IDLE_TIMEOUT;
        }
        return clientsTurn ? ProxyError.CLIENT_STALLED : ProxyError.IDLE_TIMEOUT;
    }

    /** Bytes that those have acknowledged who may be slow instead of silent, -1 for none; a system call. */
    long acknowledged(ProxyError late) {
        BackendStream with = attempt.stream();
        if (late == ProxyError.TUNNEL_IDLE) {
            return stream().acknowledged() + (with == null ? 0 : with.acknowledged());
        }
        if (response.begun() && !stream().writable()) {
            return stream().acknowledged();
        }
        // A response may be late since the request's last bytes still wait in the kernel.
        boolean backends = with != null && (late == ProxyError.RESPONSE_TIMEOUT || !with.writable());
        return backends ? with.acknowledged() : -1;
    }

    /** Ends the exchange because of the request's own error. */
    void fail(MessageError error) {
        if (open) {
            end(error.status(), error.code(), ProxyError.BAD_MESSAGE);
        }
    }

    /** Ends the exchange because of an error: with an answer if none has begun, else by breaking it off. */
    void fail(ProxyError error) {
        if (open) {
            end(error.status(), error.code(), error);
        }
    }

    private void end(int status, String code, ProxyError error) {
        attempt.abandon(error.outcome(), code);
        GrpcStatus with = error == ProxyError.BAD_MESSAGE ? GrpcStatus.ofHttp(status) : error.grpcStatus();
        grpc.end(with);
        if (response.begun() || status == 499) {
            breakOff(status, code, with);
            return;
        }
        LocalAnswer said = grpc.active() ? GrpcCall.answer(loop.heads(), with) : client.error(head, status);
        answer(said, code, error.keepsConnection());
    }

    private void breakOff(int status, String code, GrpcStatus with) {
        ClientStream to = stream();
        if (!response.begun()) {
            record.responded(status, 0);
        }
        boolean canSay = grpc.streaming() && status != 499;
        complete(code);
        if (canSay) {
            GrpcCall.finish(to, loop.heads(), with);
        } else {
            to.flush(); // what the backend did say is the client's, although the rest is missing
            to.reset();
        }
    }

    /** Answers what needs no backend. */
    void answer(LocalAnswer answer) {
        answer(answer, "", true);
    }

    private void answer(LocalAnswer answer, String code, boolean keepOpen) {
        ClientStream to = stream();
        response.begin();
        record.responded(answer.head().status(), System.nanoTime());
        record.sent(answer.bodyBytes());
        if (!keepOpen) {
            to.closeAfterResponse();
        }
        complete(code);
        answer.write(to, loop);
    }

    /**
     * An exception was thrown while the exchange was served, a bug: whoever waits is answered 500 or broken off, and
     * the connection closes.
     */
    void broke(Throwable bug) {
        ClientStream to = stream();
        LOG.error("a bug broke the exchange with {}: {}", to.peer(), Breakage.text(bug));
        LOG.debug("the whole of it", bug);
        try {
            if (open) {
                fail(ProxyError.INTERNAL);
                return;
            }
        } catch (Throwable again) {
            LOG.error("and its answer: {}", Breakage.text(again));
            if (open) {
                complete(ProxyError.INTERNAL.code());
            }
        }
        to.reset();
    }

    /** The single exit: logs, counts, and lets the head go. Nothing of the exchange may be used behind it. */
    void complete(String why) {
        open = false;
        deadline.leave();
        if (response.tunnel()) {
            loop.metrics().tunnelEnded(loop.index());
        }
        request.kept().forget();
        record.complete(why, attempt.now(), grpc.code());
        loop.log().log(record);
        client.completed(record, routing().requests(route), service);
        RequestHead done = head;
        head = null;
        countHeld();
        routing = null;
        record.release();
        if (done != null) {
            loop.heads().release(done);
        }
        client.release(this);
    }

    ClientStream stream() {
        return present(stream);
    }

    ListenerRouting routing() {
        return present(routing);
    }

    RequestHead head() {
        return present(head);
    }

    Route route() {
        return present(route);
    }

    Service service() {
        return present(service);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("called outside an exchange");
        }
        return value;
    }
}
