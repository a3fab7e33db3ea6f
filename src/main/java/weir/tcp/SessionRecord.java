package weir.tcp;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.accesslog.AddressText;
import weir.accesslog.LogName;
import weir.accesslog.LoggedExchange;
import weir.http.ConnectionFacts;
import weir.http.RequestHead;
import weir.http.TlsFacts;
import weir.proxy.AttemptLog;
import weir.proxy.AttemptedExchange;
import weir.service.Service;

/**
 * What the log line and the metrics of a TCP session say: who, when, how much. A session has no method, path and
 * status. Times are {@link System#nanoTime()}. Confined to one event loop.
 */
public final class SessionRecord implements AttemptedExchange {
    private static final byte[] NONE = new byte[0];

    private final String listener;
    private final byte[] peer;
    private final byte[] client;
    private final @Nullable TlsFacts tls;
    private final @Nullable String protocol;
    private final AttemptLog attempts;
    private final long startedMillis = System.currentTimeMillis();
    private final long started = System.nanoTime();
    private @Nullable Service service;
    private @Nullable String serverName;
    private long attemptStarted;
    private long connected;
    private long firstByte;
    private long ended;
    private long bytesIn;
    private long bytesOut;
    private String why = "";

    SessionRecord(String listener, ConnectionFacts facts, AttemptLog attempts) {
        this(listener, facts, "TCP", attempts);
    }

    private SessionRecord(String listener, ConnectionFacts facts, @Nullable String protocol, AttemptLog attempts) {
        this.attempts = attempts;
        this.protocol = protocol;
        this.listener = listener;
        this.peer = AddressText.withPort(facts.peer());
        this.client = AddressText.address(facts.peer());
        this.tls = facts.tls();
    }

    /**
     * A connection of that peer that ended before it was a session or had a request.
     *
     * @param protocol what it would have spoken; null when that is not known
     */
    public static LoggedExchange refused(
            String listener, InetSocketAddress peer, @Nullable String protocol, String why) {
        SessionRecord record =
                new SessionRecord(listener, new ConnectionFacts(peer, peer, null), protocol, new AttemptLog());
        record.complete(why, 0, 0);
        return record;
    }

    void serverName(@Nullable String name) {
        serverName = name;
    }

    void service(Service on) {
        service = on;
    }

    void attemptStarted() {
        attemptStarted = System.nanoTime();
    }

    void connected(long now) {
        connected = now;
    }

    /** The backend's first bytes came. */
    void responded(long now) {
        firstByte = now;
    }

    void complete(String code, long received, long sent) {
        why = code;
        bytesIn = received;
        bytesOut = sent;
        ended = System.nanoTime();
    }

    @Override
    public AttemptLog attemptLog() {
        return attempts;
    }

    @Override
    public @Nullable Service servedBy() {
        return service;
    }

    @Override
    public long startedMillis() {
        return startedMillis;
    }

    @Override
    public @Nullable RequestHead request() {
        return null;
    }

    @Override
    public byte[] client() {
        return client;
    }

    @Override
    public int clientStart() {
        return 0;
    }

    @Override
    public int clientLength() {
        return client.length;
    }

    @Override
    public byte[] peer() {
        return peer;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public @Nullable String protocol() {
        return protocol;
    }

    @Override
    public @Nullable String tlsVersion() {
        return tls == null ? null : tls.version();
    }

    @Override
    public @Nullable String serverName() {
        return serverName;
    }

    @Override
    public int status() {
        return 0;
    }

    @Override
    public long bytesIn() {
        return bytesIn;
    }

    @Override
    public long bytesOut() {
        return bytesOut;
    }

    @Override
    public long totalNanos() {
        return ended - started;
    }

    @Override
    public long queueNanos() {
        return attemptStarted == 0 ? -1 : attemptStarted - started;
    }

    @Override
    public long connectNanos() {
        return connected == 0 ? -1 : connected - attemptStarted;
    }

    /** Nanoseconds from being connected to the backend's first byte. */
    @Override
    public long firstByteNanos() {
        return firstByte == 0 ? -1 : firstByte - connected;
    }

    /** Nanoseconds from the backend's first byte to the end of the session. */
    @Override
    public long transferNanos() {
        return firstByte == 0 ? -1 : ended - firstByte;
    }

    @Override
    public @Nullable LogName route() {
        return null;
    }

    @Override
    public byte[] requestId() {
        return NONE;
    }

    @Override
    public int requestIdStart() {
        return 0;
    }

    @Override
    public int requestIdLength() {
        return 0;
    }

    @Override
    public String why() {
        return why;
    }
}
