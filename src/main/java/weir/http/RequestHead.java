package weir.http;

import java.nio.charset.StandardCharsets;

/**
 * The head of a request, of any protocol version: ranges of the arena that {@link #fields()} owns. Pooled per event
 * loop and owned by the exchange until it is complete. Confined to one event loop.
 *
 * <p>What was received ({@link #target()}, {@link #host()}) stays for the log; what is matched and forwarded
 * ({@link #path()}, {@link #query()}, {@link #forwardedPath()}, {@link #forwardedHost()}) may be changed.
 */
public final class RequestHead {
    /** The {@link #contentLength()} of a body whose end is not known beforehand. */
    public static final long UNKNOWN_LENGTH = -1;

    private static final int LOGGED_VALUE = 256;

    private final Fields fields = new Fields();
    private final Span methodName = new Span();
    private final Span target = new Span();
    private final Span host = new Span();
    private final Span path = new Span();
    private final Span query = new Span();
    private final Span forwardedPath = new Span();
    private final Span forwardedHost = new Span();
    private Method method = Method.OTHER;
    private Protocol protocol = Protocol.HTTP_1_1;
    private long contentLength;
    private boolean upgradesToWebSocket;
    private int receivedBytes;
    private long startedNanos;
    private long startedMillis;

    /** Forgets the message; keeps the memory. */
    public void clear() {
        fields.clear();
        methodName.clear();
        target.clear();
        host.clear();
        path.clear();
        query.clear();
        forwardedPath.clear();
        forwardedHost.clear();
        method = Method.OTHER;
        protocol = Protocol.HTTP_1_1;
        contentLength = 0;
        upgradesToWebSocket = false;
        receivedBytes = 0;
        startedNanos = 0;
        startedMillis = 0;
    }

    /**
     * Releases what a log line does not say, for a request that is long under way: its line and host stay, and of each
     * field the first bytes. What is matched and forwarded is gone.
     */
    public void compact() {
        path.clear();
        query.clear();
        forwardedPath.clear();
        forwardedHost.clear();
        fields.compact(LOGGED_VALUE, methodName, target, host);
    }

    /** The fields, and the arena that every range of this head points into. */
    public Fields fields() {
        return fields;
    }

    /** The method's name as received. */
    public Span methodName() {
        return methodName;
    }

    /** The method. */
    public Method method() {
        return method;
    }

    /** The request target as received; in HTTP/2 and 3 the {@code :path}. */
    public Span target() {
        return target;
    }

    /** The host without port and trailing dot, as received (any case); empty when HTTP/1.0 sent none. */
    public Span host() {
        return host;
    }

    /** The path that is matched: of the target, normalised by {@link PathNormalizer}; {@code *} for OPTIONS *. */
    public Span path() {
        return path;
    }

    /** The query with its question mark; empty when there is none. */
    public Span query() {
        return query;
    }

    /** The path that the backend sees: {@link #path()} after rewriting. */
    public Span forwardedPath() {
        return forwardedPath;
    }

    /** The authority (host and port) that the backend sees as Host or {@code :authority}. */
    public Span forwardedHost() {
        return forwardedHost;
    }

    /** The version the request came in. */
    public Protocol protocol() {
        return protocol;
    }

    /** Bytes of the body, 0 for none, {@link #UNKNOWN_LENGTH} when chunked or ended by the stream. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether this is a well-formed request to open a WebSocket (RFC 6455 section 4.1; RFC 8441). */
    public boolean upgradesToWebSocket() {
        return upgradesToWebSocket;
    }

    /** Bytes of the head as received, for the log. */
    public int receivedBytes() {
        return receivedBytes;
    }

    /** When its first byte came, in {@link System#nanoTime()}; 0 when nobody noted it. */
    public long startedNanos() {
        return startedNanos;
    }

    /** When its first byte came, in milliseconds since 1970; 0 when nobody noted it. */
    public long startedMillis() {
        return startedMillis;
    }

    /** Sets the method from its name's range. */
    public void method(int start, int length) {
        methodName.set(start, length);
        method = Method.of(fields.array(), start, length);
    }

    /** Sets the version. */
    public void protocol(Protocol protocol) {
        this.protocol = protocol;
    }

    /** Sets the length of the body. */
    public void contentLength(long bytes) {
        this.contentLength = bytes;
    }

    /** Sets whether a WebSocket is asked for. */
    public void upgradesToWebSocket(boolean upgrades) {
        this.upgradesToWebSocket = upgrades;
    }

    /** Notes that the first byte comes now. */
    public void started() {
        startedNanos = System.nanoTime();
        startedMillis = WallClock.millis(startedNanos);
    }

    /** Sets the size of the head as received. */
    public void receivedBytes(int bytes) {
        this.receivedBytes = bytes;
    }

    /** A range as text, for whoever asks; allocates. */
    public String text(Span span) {
        return new String(fields.array(), span.start(), span.length(), StandardCharsets.ISO_8859_1);
    }
}
