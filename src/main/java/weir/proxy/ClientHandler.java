package weir.proxy;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.accesslog.AddressText;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.Method;
import weir.http.PathNormalizer;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.route.FixedResponse;
import weir.route.Redirect;
import weir.route.Route;
import weir.service.Service;

/**
 * One client connection as the proxy sees it: it opens an {@link Exchange} for each request, finds its route, and makes
 * the edits of both heads. Confined to one event loop.
 */
final class ClientHandler implements RequestHandler {
    private static final byte[] NO_BYTES = new byte[0];

    private final Proxy proxy;
    private final String listener;
    private final Loop loop;
    private final HttpDate date = new HttpDate();
    private @Nullable Exchange exchange;
    private @Nullable InetSocketAddress peer;
    private byte[] peerText = NO_BYTES;
    private byte[] peerAddress = NO_BYTES;
    private Routing routing;
    private @Nullable RouteCounters[] counters;

    ClientHandler(Proxy proxy, String listener, Loop loop) {
        this.proxy = proxy;
        this.listener = listener;
        this.loop = loop;
        this.routing = proxy.routing();
        this.counters = routing.countersOf(listener);
    }

    @Override
    public RequestReceiver open(ClientStream stream) {
        InetSocketAddress from = stream.peer();
        if (from != peer) {
            peer = from;
            peerText = AddressText.withPort(from);
            peerAddress = AddressText.address(from);
        }
        Exchange opened = exchange;
        if (opened == null) {
            opened = new Exchange(this, loop);
            exchange = opened;
        }
        opened.begin(stream);
        return opened;
    }

    /** While the log's writer does not keep up and may not lose lines, no new request is read. */
    @Override
    public boolean ready() {
        return !loop.log().full();
    }

    /** Finds out what becomes of a request and begins it. */
    void dispatch(Exchange on, RequestHead request, ClientStream stream, ExchangeRecord record) {
        Routing now = proxy.routing();
        if (now != routing) {
            routing = now;
            counters = now.countersOf(listener);
        }
        if (request.method() == Method.CONNECT) {
            on.fail(ProxyError.CONNECT_METHOD);
            return;
        }
        if (!PathNormalizer.normalize(request)) {
            on.fail(ProxyError.BAD_PATH);
            return;
        }
        Route route = now.routes().match(request);
        record.route(route, null);
        now.forwarding().identify(request, stream, record, loop.random());
        if (route == null) {
            on.fail(ProxyError.NO_ROUTE);
            return;
        }
        Service service = route.service();
        if (service == null) {
            answer(on, route, request, stream);
            return;
        }
        on.send(route, service, now.bodyLimit());
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
        on.answer(new LocalAnswer(head, body, request.method() == Method.HEAD), "", true);
    }

    /** Makes the head what the backend shall see. Called for each attempt. */
    void prepare(RequestHead request, Route route, ClientStream stream, String backendHost) {
        Fields fields = request.fields();
        fields.undoEdits();
        route.applyRewrite(request);
        if (route.sendsBackendAsHost()) {
            byte[] host = backendHost.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            request.forwardedHost().set(fields.append(host, 0, host.length), host.length);
        }
        routing.forwarding().apply(request, stream, peerAddress);
        route.requestEdits().apply(fields);
    }

    /** Makes a backend's head what the client shall see. */
    void edit(ResponseHead response, Route route) {
        if (!route.responseEdits().isEmpty()) {
            route.responseEdits().apply(response.fields());
        }
    }

    LocalAnswer error(@Nullable RequestHead request, int status) {
        return LocalAnswer.error(loop.heads(), status, request != null && request.method() == Method.HEAD);
    }

    byte[] date() {
        return date.at(System.currentTimeMillis());
    }

    /** Counts an exchange that is complete. */
    void completed(ExchangeRecord record, @Nullable Route route) {
        loop.metrics().completed(loop.index(), record.bytesIn(), record.bytesOut());
        RouteCounters of = counters[routing.number(route)];
        if (of == null) {
            of = routing.makeCounters(listener, route);
        }
        of.count(loop.index(), record.status(), record.totalNanos(), record.timeToFirstByteNanos());
    }

    String listener() {
        return listener;
    }

    byte[] peer() {
        return peerText;
    }

    byte[] peerAddress() {
        return peerAddress;
    }
}
