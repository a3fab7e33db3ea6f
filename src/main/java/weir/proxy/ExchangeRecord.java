package weir.proxy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.accesslog.LogName;
import weir.http.RequestHead;
import weir.http.TlsFacts;
import weir.service.Service;

/**
 * What the log line and the metrics of an exchange say: who, what, when, how much. Times are {@link System#nanoTime()}.
 * Confined to one event loop.
 */
final class ExchangeRecord implements AttemptedExchange {
    private static final byte[] NONE = new byte[0];

    private final ClientHandler client;
    private final AttemptLog attempts;
    private @Nullable TlsFacts tls;
    private @Nullable RequestHead request;
    private @Nullable LogName route;
    private @Nullable Service service;
    private boolean clientInHead;
    private byte @Nullable [] clientCopy;
    private int clientStart;
    private int clientLength;
    private byte[] id = NONE;
    private int idStart;
    private int idLength;
    private boolean idInHead;
    private long startedMillis;
    private long started;
    private long attemptStarted;
    private long connected;
    private long responded;
    private long ended;
    private int status;
    private long bytesIn;
    private long bytesOut;
    private String why = "";
    private int grpcStatus;

    ExchangeRecord(ClientHandler client, AttemptLog attempts) {
        this.client = client;
        this.attempts = attempts;
    }

    /** Forgets the last exchange. {@code tls}: what the client's connection agreed on; null in the clear. */
    void begin(@Nullable TlsFacts agreed) {
        tls = agreed;
        attemptStarted = 0;
        connected = 0;
        responded = 0;
        route = null;
        service = null;
        status = 0;
        bytesIn = 0;
        bytesOut = 0;
        clientInHead = false;
        clientCopy = null;
        idLength = 0;
    }

    void request(RequestHead head) {
        request = head;
        if (head.startedNanos() == 0) {
            head.started();
        }
        started = head.startedNanos();
        startedMillis = head.startedMillis();
    }

    /** The client is not the peer, but whom a trusted peer names in that range of the head. */
    void clientInHead(int start, int length) {
        clientInHead = true;
        clientStart = start;
        clientLength = length;
    }

    /** The request id is that range of the head. */
    void idInHead(int start, int length) {
        idInHead = true;
        idStart = start;
        idLength = length;
    }

    /** The head is about to be cut: takes its parts that are known by their place. */
    void detach() {
        RequestHead head = request;
        if (head == null) {
            return;
        }
        byte[] array = head.fields().array();
        if (clientInHead) {
            clientCopy = Arrays.copyOfRange(array, clientStart, clientStart + clientLength);
            clientStart = 0;
        }
        if (idInHead) {
            idInHead = false;
            id = Arrays.copyOfRange(array, idStart, idStart + idLength);
            idStart = 0;
        }
    }

    void route(LogName to, @Nullable Service on) {
        route = to;
        service = on;
    }

    void attemptStarted(long now) {
        attemptStarted = now;
        connected = 0;
    }

    void connected(long now) {
        connected = now;
    }

    void responded(int sentStatus, long now) {
        status = sentStatus;
        responded = now;
    }

    void received(int bytes) {
        bytesIn += bytes;
    }

    void sent(int bytes) {
        bytesOut += bytes;
    }

    /** The exchange ended; a {@code grpcCode} of -1 is none. */
    void complete(String code, long now, int grpcCode) {
        why = code;
        ended = now;
        grpcStatus = grpcCode;
    }

    /** Lets go of what must not be held between exchanges. */
    void release() {
        tls = null;
        request = null;
        route = null;
        service = null;
        id = NONE;
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
        return request;
    }

    @Override
    public byte[] client() {
        RequestHead head = request;
        byte[] copy = clientCopy;
        return copy != null
                ? copy
                : clientInHead && head != null ? head.fields().array() : client.peerAddress();
    }

    @Override
    public int clientStart() {
        return clientInHead ? clientStart : 0;
    }

    @Override
    public int clientLength() {
        return clientInHead ? clientLength : client.peerAddress().length;
    }

    @Override
    public byte[] peer() {
        return client.peer();
    }

    @Override
    public String listener() {
        return client.listener();
    }

    @Override
    public @Nullable String protocol() {
        RequestHead head = request;
        return head == null ? null : head.protocol().text();
    }

    @Override
    public @Nullable String tlsVersion() {
        return tls == null ? null : tls.version();
    }

    @Override
    public @Nullable String serverName() {
        return tls == null ? null : tls.serverName();
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public int grpcStatus() {
        return grpcStatus;
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

    @Override
    public long firstByteNanos() {
        return connected == 0 || responded == 0 ? -1 : responded - connected;
    }

    @Override
    public long transferNanos() {
        return responded == 0 ? -1 : ended - responded;
    }

    /** Nanoseconds from the first byte of the request to the response head; -1 when none came. */
    long timeToFirstByteNanos() {
        return responded == 0 ? -1 : responded - started;
    }

    @Override
    public @Nullable LogName route() {
        return route;
    }

    @Override
    public byte[] requestId() {
        RequestHead head = request;
        return idInHead && head != null ? head.fields().array() : id;
    }

    @Override
    public int requestIdStart() {
        return idStart;
    }

    @Override
    public int requestIdLength() {
        return idLength;
    }

    @Override
    public String why() {
        return why;
    }
}
