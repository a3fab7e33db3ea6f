package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.ConnectionFacts;
import weir.http.MessageError;
import weir.proxy.AttemptLog;
import weir.proxy.Loop;
import weir.proxy.ProxyError;
import weir.service.Outcome;
import weir.service.Service;

/**
 * One TCP session, from accept to log line: a client's connection, and the one to a backend that belongs to it.
 * Everything ends in {@link #complete}, exactly once. Confined to one event loop.
 *
 * <pre>
 *   NAMING ── server name known ──▶ CONNECTING ── connected ──▶ RELAYING ── both directions ended ──▶ ENDED
 *      │ late, gone, no route           │ no backend, failed        │ reset, idle, shutdown             ▲
 *      └────────────────────────────────┴───────────────────────────┴───────────────────────────────────┘
 * </pre>
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final TcpProxy proxy;
    private final Loop loop;
    private final Channel client;
    private final ConnectionFacts facts;
    private final ServerNames names;
    private final SessionRecord record;
    private final BackendAttempts attempts;
    private final SessionDeadline deadline;
    private final HelloRecords hello = new HelloRecords();
    private final HeldBytes held = new HeldBytes();

    private State state = State.NAMING;
    private boolean clientEnded;
    private boolean clientClosed;
    private boolean responded;
    private long connectedAt;
    private @Nullable Service service;
    private @Nullable Direction fromClient;
    private @Nullable Direction fromBackend;

    private enum State {
        NAMING,
        CONNECTING,
        RELAYING,
        ENDED
    }

    Session(TcpProxy proxy, Loop loop, Channel client, ConnectionFacts facts, ServerNames names) {
        this.proxy = proxy;
        this.loop = loop;
        this.client = client;
        this.facts = facts;
        this.names = names;
        AttemptLog log = new AttemptLog();
        this.record = new SessionRecord(names.listener().name(), facts, log);
        this.attempts = new BackendAttempts(this, loop, proxy.dialer(loop), log);
        this.deadline = new SessionDeadline(this, loop);
    }

    /** Begins: where the server name decides, with a look at the first bytes, which are to come in that time. */
    void begin(long namingNanos) {
        loop.metrics().started(loop.index());
        deadline.naming(namingNanos);
        if (facts.tls() != null) {
            named(facts.tls().serverName());
        } else if (!names.matter()) {
            named(null);
        }
    }

    /** It is known which name the client asks for, if any. */
    private void named(@Nullable String serverName) {
        record.serverName(serverName);
        state = State.CONNECTING;
        client.config().setAutoRead(false); // until there is a backend for what comes
        deadline.pause();
        Service on = proxy.service(names.service(serverName));
        if (on == null) {
            fail(ProxyError.NO_ROUTE);
            return;
        }
        service = on;
        record.service(on);
        on.countRequest(loop.index());
        attempts.start(on);
    }

    /** The client's connection. */
    ConnectionFacts facts() {
        return facts;
    }

    void attemptStarted() {
        record.attemptStarted();
    }

    /** The pause before another attempt is over. */
    void retry() {
        try {
            if (state == State.CONNECTING) {
                attempts.again();
            }
        } catch (Throwable bug) {
            broke(bug);
        }
    }

    /** There is a connection to a backend. */
    void connected(Channel backend) {
        state = State.RELAYING;
        connectedAt = System.nanoTime();
        record.connected(connectedAt);
        loop.metrics().tunnelStarted(loop.index());
        Direction up = new Direction(this, client, backend);
        Direction down = new Direction(this, backend, client);
        fromClient = up;
        fromBackend = down;
        deadline.relay(present(service).config().timeouts().tunnelIdle());
        ByteBuf first = held.take();
        if (first != null) {
            up.read(first);
        }
        backend.flush();
        backend.config().setAutoRead(true);
        if (clientEnded) {
            up.end();
        } else {
            up.writabilityChanged();
        }
    }

    // From the client

    void fromClient(ByteBuf data) {
        if (state == State.RELAYING) {
            present(fromClient).read(data);
        } else if (state == State.ENDED) {
            data.release();
        } else {
            held.add(data, client.alloc());
            if (state == State.NAMING && hello.read(held.all())) {
                named(hello.serverName());
            }
        }
    }

    void clientReadComplete() {
        if (state == State.RELAYING) {
            deadline.touch();
            present(fromClient).readComplete();
        }
    }

    void clientWritabilityChanged() {
        if (state == State.RELAYING) {
            present(fromBackend).writabilityChanged();
        }
    }

    /** The client sends no more. */
    void clientEnded() {
        if (clientEnded) {
            return;
        }
        clientEnded = true;
        if (state == State.RELAYING) {
            present(fromClient).end();
        } else if (state == State.NAMING) {
            if (held.isEmpty()) {
                fail(ProxyError.CLIENT_GONE);
            } else {
                named(null);
            }
        }
    }

    /**
     * The client's connection is closed without a failure: TLS ended it in both directions. What the client did say is
     * the backend's.
     */
    void clientClosed() {
        if (state != State.RELAYING) {
            clientGone();
            return;
        }
        clientClosed = true;
        present(fromBackend).breakOff();
        present(fromClient).end();
        directionDone();
    }

    /** The client's connection is broken. */
    void clientGone() {
        if (state != State.ENDED) {
            Direction down = fromBackend;
            Channel backend = down == null ? null : down.from();
            end(Outcome.NEUTRAL, ProxyError.CLIENT_GONE.code());
            client.close();
            if (backend != null) {
                ChannelEnd.reset(backend);
            }
        }
    }

    void clientFailed(Throwable cause) {
        if (cause instanceof IOException) {
            clientGone();
        } else {
            broke(cause);
        }
    }

    // From the backend

    void fromBackend(ByteBuf data) {
        if (state != State.RELAYING) {
            data.release();
            return;
        }
        if (!responded) {
            responded = true;
            long now = System.nanoTime();
            record.responded(now);
            attempts.responded(now - connectedAt);
        }
        present(fromBackend).read(data);
    }

    void backendReadComplete() {
        if (state == State.RELAYING) {
            deadline.touch();
            present(fromBackend).readComplete();
        }
    }

    void backendWritabilityChanged() {
        if (state == State.RELAYING) {
            present(fromClient).writabilityChanged();
        }
    }

    /** The backend sends no more. */
    void backendEnded() {
        if (state == State.RELAYING) {
            present(fromBackend).end();
        }
    }

    /** The backend ended TLS, by which it takes no more, either. What the client still says is let go. */
    void backendEndedTls() {
        if (state == State.RELAYING) {
            present(fromClient).discard();
            present(fromBackend).end();
        }
    }

    /** The connection to the backend is closed, and not by us: what it did say is the client's, then a reset. */
    void backendGone() {
        if (state != State.RELAYING) {
            return;
        }
        boolean answered = present(fromBackend).ended();
        Channel backend = present(fromBackend).from();
        end(answered ? Outcome.NEUTRAL : Outcome.RESET, ProxyError.RESET.code());
        backend.close();
        ChannelEnd.resetLater(client);
    }

    void backendFailed(Throwable cause) {
        if (state == State.RELAYING
                && cause instanceof ChannelOutputShutdownException
                && !present(fromBackend).ended()) {
            present(fromClient).breakOff(); // it takes no more, but what it said may still be read
        } else if (cause instanceof IOException) {
            backendGone();
        } else {
            broke(cause);
        }
    }

    // The end

    /** One direction has passed its end on. */
    void directionDone() {
        if (state == State.RELAYING
                && present(fromClient).done()
                && (clientClosed || present(fromBackend).done())) {
            Channel backend = present(fromBackend).from();
            end(Outcome.RESPONSE, "");
            backend.close();
            client.close();
        }
    }

    /** Something did not come in time, or the process ends. */
    void late() {
        fail(state == State.NAMING ? MessageError.HEADER_TIMEOUT.code() : ProxyError.TUNNEL_IDLE.code());
    }

    void fail(ProxyError error) {
        fail(error.code());
    }

    private void fail(String code) {
        if (state == State.ENDED) {
            return;
        }
        Direction down = fromBackend;
        end(Outcome.NEUTRAL, code);
        client.close();
        if (down != null) {
            down.from().close();
        }
    }

    /** An exception that nobody expected, a bug. */
    void broke(Throwable bug) {
        LOG.error("a bug broke the session with {}", client.remoteAddress(), bug);
        fail(ProxyError.INTERNAL);
    }

    /** The single exit: counts and logs. The connections are the caller's. */
    private void end(Outcome outcome, String code) {
        boolean relayed = state == State.RELAYING;
        state = State.ENDED;
        deadline.leave();
        held.release();
        attempts.abandon();
        attempts.ended(outcome, code);
        Direction up = fromClient;
        Direction down = fromBackend;
        record.complete(code, up == null ? 0 : up.bytes(), down == null ? 0 : down.bytes());
        if (relayed) {
            loop.metrics().tunnelEnded(loop.index());
        }
        loop.log().log(record);
        proxy.completed(loop, record);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("no backend yet");
        }
        return value;
    }
}
