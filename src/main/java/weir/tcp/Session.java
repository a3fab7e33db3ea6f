package weir.tcp;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import weir.http.ConnectionFacts;
import weir.http.Holding;
import weir.http.MessageError;
import weir.loop.ConnectionGuard;
import weir.proxy.AttemptLog;
import weir.proxy.Loop;
import weir.proxy.ProxyError;
import weir.service.Outcome;
import weir.service.Service;

/**
 * One TCP session, from accept to log line: a client's connection, and the one to a backend that belongs to it.
 * Everything ends in {@link #end}, exactly once. Confined to one event loop.
 *
 * <pre>
 *   NAMING ── server name known ──▶ CONNECTING ── connected ──▶ RELAYING ── both directions ended ──▶ ENDED
 *      │ late, gone, no route           │ no backend, failed        │ reset, idle, shutdown             ▲
 *      └────────────────────────────────┴───────────────────────────┴───────────────────────────────────┘
 * </pre>
 */
final class Session implements Holding.Holder {
    private final TcpProxy proxy;
    private final Loop loop;
    private final Channel client;
    private final ConnectionFacts facts;
    private final ServerNames names;
    private final SessionRecord record;
    private final BackendAttempts attempts;
    private final SessionDeadline deadline;
    private final ClientSide clientSide;
    private final Holding holding;

    private State state = State.NAMING;
    private long connectedAt;
    private @Nullable Service service;
    private @Nullable Relay relay;

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
        this.clientSide = new ClientSide(this, client.alloc());
        this.holding = new Holding(loop.heads().budget(), this);
    }

    /** Begins: where the server name decides, with a look at the first bytes, which are to come in that time. */
    void begin(long namingNanos) {
        loop.metrics().started(loop.index());
        holding.join(loop.tick().now());
        try {
            ConnectionGuard.add(client, new SideHandler(clientSide));
            deadline.naming(namingNanos);
            if (facts.tls() != null) {
                named(facts.tls().serverName());
            } else if (!names.matter()) {
                named(null);
            }
        } catch (Throwable bug) {
            broke(bug);
        }
    }

    /** It is known which name the client asks for, if any. */
    void named(@Nullable String serverName) {
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
        Relay both = new Relay(new Direction(this, client, backend), new Direction(this, backend, client));
        relay = both;
        state = State.RELAYING;
        connectedAt = System.nanoTime();
        record.connected(connectedAt);
        loop.metrics().tunnelStarted(loop.index());
        deadline.relay(service().config().timeouts().tunnelIdle());
        clientSide.connected(both.up());
        backend.flush();
        backend.config().setAutoRead(true);
        if (clientSide.hasEnded()) {
            both.up().end();
        } else {
            both.up().writabilityChanged();
        }
    }

    private Service service() {
        Service on = service;
        if (on == null) {
            throw new IllegalStateException("connected without a service");
        }
        return on;
    }

    /** The backend's first bytes came. */
    void responded() {
        long now = System.nanoTime();
        record.responded(now);
        attempts.responded(now - connectedAt);
    }

    /** Bytes moved. */
    void touch() {
        deadline.touch();
        countHeld();
    }

    /** Counts again what was held at the last count. */
    void countIfPending() {
        if (!holding.isEmpty()) {
            countHeld();
        }
    }

    /** Counts what neither side has taken. */
    private void countHeld() {
        Relay both = relay();
        holding.output(
                both == null
                        ? clientSide.heldBytes()
                        : both.up().pending() + both.down().pending());
    }

    // Memory

    @Override
    public void regulate() {
        Relay both = relay();
        if (both != null) {
            countHeld();
            both.up().stop(holding.stopped());
            both.down().stop(holding.stopped());
        }
    }

    @Override
    public boolean closeIfIdle() {
        return false; // nobody knows what its silence means
    }

    @Override
    public void reset() {
        Relay both = relay;
        if (state != State.ENDED) {
            end(Outcome.NEUTRAL, ProxyError.MEMORY.code());
        }
        ChannelEnd.reset(client);
        if (both != null) {
            ChannelEnd.reset(both.backend());
        }
    }

    /** Both directions, while bytes are passed on; null before and after. */
    @Nullable
    Relay relay() {
        return state == State.RELAYING ? relay : null;
    }

    /** Whether it waits for the server name. */
    boolean naming() {
        return state == State.NAMING;
    }

    /** Whether it has ended. */
    boolean over() {
        return state == State.ENDED;
    }

    // The end

    /** The client's connection is broken. */
    void clientGone() {
        if (state != State.ENDED) {
            Relay both = relay;
            end(Outcome.NEUTRAL, ProxyError.CLIENT_GONE.code());
            client.close();
            if (both != null) {
                ChannelEnd.reset(both.backend());
            }
        }
    }

    /** The connection to the backend is closed, and not by us: what it did say is the client's, then a reset. */
    void backendGone() {
        Relay both = relay();
        if (both != null) {
            end(both.down().ended() ? Outcome.NEUTRAL : Outcome.RESET, ProxyError.RESET.code());
            both.backend().close();
            ChannelEnd.resetLater(client);
        }
    }

    /** One direction has passed its end on. */
    void directionDone() {
        Relay both = relay();
        if (both != null
                && both.up().done()
                && (clientSide.isClosed() || both.down().done())) {
            end(Outcome.RESPONSE, "");
            both.backend().close();
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
        Relay both = relay;
        end(Outcome.NEUTRAL, code);
        client.close();
        if (both != null) {
            both.backend().close();
        }
    }

    /** An exception that nobody expected, a bug. */
    void broke(Throwable bug) {
        ConnectionGuard.report(client, bug);
        fail(ProxyError.INTERNAL);
    }

    /** The single exit: counts and logs. The connections are the caller's. */
    private void end(Outcome outcome, String code) {
        boolean relayed = state == State.RELAYING;
        state = State.ENDED;
        deadline.leave();
        holding.leave();
        clientSide.release();
        attempts.abandon();
        attempts.ended(outcome, code);
        Relay both = relay;
        record.complete(
                code,
                both == null ? 0 : both.up().bytes(),
                both == null ? 0 : both.down().bytes());
        if (relayed) {
            loop.metrics().tunnelEnded(loop.index());
        }
        loop.log().log(record);
        proxy.completed(loop, record);
    }
}
