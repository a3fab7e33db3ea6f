package weir.proxy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.accesslog.AddressText;
import weir.connection.BoundConnections;
import weir.http.BackendConnection;
import weir.http.CertificateNames;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.PathNormalizer;
import weir.http.Protocol;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.TlsFacts;
import weir.metrics.RequestSeries;
import weir.route.FixedResponse;
import weir.route.Redirect;
import weir.route.Route;
import weir.service.Service;

/**
 * One client connection as the proxy sees it: it opens an {@link Exchange} for each request, finds its route, and makes
 * the edits of both heads. Confined to one event loop.
 */
final class ClientHandler implements RequestHandler {
    private static final byte[] NO_BYTES = LocalAnswer.NO_BODY;
    private static final byte[] ALT_SVC = "alt-svc".getBytes(StandardCharsets.US_ASCII);

    /** Exchanges kept for the next requests: as many as ran at the same time, within reason. */
    private static final int MOST_FREE = 16;

    private final Proxy proxy;
    private final String listener;
    private final Loop loop;
    private final byte @Nullable [] alternative;
    private final boolean refuses;
    private @Nullable InetSocketAddress peer;
    private byte[] peerText = NO_BYTES;
    private ForwardedLines forwarded = new ForwardedLines(NO_BYTES);
    private ListenerRouting routing;
    private Exchange[] free = new Exchange[1];
    private int freeCount;
    private @Nullable BoundConnections logins;
    private boolean gone;

    ClientHandler(Proxy proxy, String listener, Loop loop, byte @Nullable [] alternative, boolean refuses) {
        this.refuses = refuses;
        this.proxy = proxy;
        this.listener = listener;
        this.loop = loop;
        this.alternative = alternative;
        this.routing = proxy.routing().behind(listener);
    }

    @Override
    public RequestReceiver open(ClientStream stream) {
        InetSocketAddress from = stream.peer();
        if (from != peer) {
            peer = from;
            peerText = AddressText.withPort(from);
            forwarded = new ForwardedLines(AddressText.address(from));
        }
        Routing now = proxy.routing();
        if (now != routing.routing()) {
            routing = now.behind(listener);
        }
        return take().begin(stream, routing);
    }

    private Exchange take() {
        return freeCount == 0 ? new Exchange(this, loop) : free[--freeCount];
    }

    /** Takes an exchange back that is complete. */
    void release(Exchange done) {
        if (freeCount == free.length && freeCount < MOST_FREE) {
            free = Arrays.copyOf(free, freeCount * 4);
        }
        if (freeCount < free.length) {
            free[freeCount++] = done;
        }
    }

    /** While the log's writer does not keep up and may not lose lines, no new request is read. */
    @Override
    public boolean ready() {
        return !loop.log().full();
    }

    @Override
    public void closed() {
        gone = true;
        if (logins != null) {
            logins.close();
        }
    }

    /** The backend connections on which this client has logged in; null for none. */
    @Nullable
    BoundConnections logins() {
        return logins;
    }

    /**
     * A backend connection carries a login of this client: no other client gets it. It is kept for a connection of HTTP/1.1,
     * which is one user's; later versions know no such login.
     */
    void bind(BackendConnection connection, Protocol spoken) {
        boolean keeps = !gone && spoken.compareTo(Protocol.HTTP_2) < 0;
        if (keeps && logins == null) {
            logins = new BoundConnections();
        }
        loop.pool().bind(connection, keeps ? logins : null);
    }

    /** Finds out what becomes of a request and begins it. */
    void dispatch(Exchange on, RequestHead request, ExchangeRecord record, Routing under) {
        if (refuses) {
            on.fail(ProxyError.CONNECTIONS);
            return;
        }
        if (request.method() == Method.CONNECT) {
            on.fail(ProxyError.CONNECT_METHOD);
            return;
        }
        if (!PathNormalizer.normalize(request)) {
            on.fail(ProxyError.BAD_PATH);
            return;
        }
        identify(on.stream(), request, record, under);
        if (isMisdirected(on.stream(), request)) {
            on.fail(ProxyError.MISDIRECTED);
            return;
        }
        if (!MaxForwards.pass(request)) {
            on.answer(MaxForwards.answer(loop.heads(), request));
            return;
        }
        request.fields().keepEdits();
        Route route = under.routes().match(request);
        if (route == null) {
            on.fail(ProxyError.NO_ROUTE);
            return;
        }
        Service service = route.service();
        on.route(route, service);
        if (service == null) {
            answer(on, route, request, on.stream());
        } else {
            on.send(service);
        }
    }

    /**
     * Finds out who the client is, leaves out what it may not say, and puts in what Weir says, once and before a route is
     * matched: a route sees the fields as the backend will see them.
     */
    private void identify(ClientStream stream, RequestHead request, ExchangeRecord record, Routing under) {
        under.forwarding().identify(request, stream, record, loop.random());
        under.forwarding().apply(request, stream, forwarded);
        under.clientCertificate().apply(request.fields(), stream.tls());
    }

    private static boolean isMisdirected(ClientStream stream, RequestHead request) {
        TlsFacts tls = stream.tls();
        CertificateNames names = tls == null ? null : tls.certificateNames();
        return names != null
                && !request.host().isEmpty()
                && !names.cover(request.fields().array(), request.host());
    }

    private void answer(Exchange on, Route route, RequestHead request, ClientStream stream) {
        ResponseHead head = loop.heads().response();
        Redirect redirect = route.redirect();
        FixedResponse fixed = route.respond();
        byte[] body = NO_BYTES;
        if (redirect != null) {
            if (!redirect.fill(request, stream.secure(), head)) {
                loop.heads().release(head);
                on.fail(ProxyError.BAD_PATH);
                return;
            }
        } else if (fixed != null) {
            fixed.fill(head);
            body = fixed.body();
        }
        route.responseEdits().apply(head.fields());
        on.answer(new LocalAnswer(head, body, request.method() == Method.HEAD));
    }

    /** Makes the route's edits of the head. Called for each attempt. */
    void prepare(RequestHead request, Route route, String backendHost) {
        Fields fields = request.fields();
        fields.undoEdits();
        route.applyRewrite(request);
        // HTTP/1.0 may send no Host; HTTP/1.1 must.
        if (route.sendsBackendAsHost() || request.forwardedHost().isEmpty()) {
            byte[] host = backendHost.getBytes(StandardCharsets.US_ASCII);
            request.forwardedHost().set(fields.append(host, 0, host.length), host.length);
        }
        route.requestEdits().apply(fields);
    }

    /** Makes a backend's head what the client shall see. */
    void edit(ResponseHead response, Route route) {
        Fields fields = response.fields();
        HopByHopFields.drop(fields);
        if (response.status() >= 200 && !fields.has(KnownField.DATE)) {
            fields.add(KnownField.DATE).value(loop.date()); // RFC 9110 section 6.6.1
        }
        if (alternative != null && response.status() >= 200) {
            fields.add(ALT_SVC).value(alternative);
        }
        if (!route.responseEdits().isEmpty()) {
            route.responseEdits().apply(fields);
        }
    }

    LocalAnswer error(@Nullable RequestHead request, int status) {
        return LocalAnswer.error(loop.heads(), status, request != null && request.method() == Method.HEAD);
    }

    /** Counts an exchange that is complete. */
    void completed(ExchangeRecord record, RequestSeries series, @Nullable Service service) {
        ProxyMetrics metrics = loop.metrics();
        metrics.completed(loop.index(), record.bytesIn(), record.bytesOut());
        series.record(loop.index(), record.status(), record.totalNanos(), record.timeToFirstByteNanos());
        if (record.grpcStatus() >= 0) {
            metrics.grpc(loop.index(), service == null ? "" : service.name(), record.grpcStatus());
        }
    }

    String listener() {
        return listener;
    }

    byte[] peer() {
        return peerText;
    }

    byte[] peerAddress() {
        return forwarded.address();
    }
}
