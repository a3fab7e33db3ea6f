package weir.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;

/**
 * The client's half of an exchange: hands what the client sends to the backend of the attempt under way, and stops the
 * client while that takes no more. An exception ends the exchange. Confined to one event loop.
 */
final class RequestRelay implements RequestReceiver {
    private final Exchange exchange;
    private final KeptBody kept = new KeptBody();
    private boolean bodyless;
    private boolean ended;
    private boolean read;

    RequestRelay(Exchange exchange) {
        this.exchange = exchange;
    }

    void reset() {
        bodyless = false;
        ended = false;
        read = false;
    }

    /** Whether the request is its head alone. */
    boolean bodyless() {
        return bodyless;
    }

    /** Whether the request was read to its end. */
    boolean ended() {
        return ended;
    }

    /** Whether another backend can still be sent all of it: nothing of the body was read yet, or all was kept. */
    boolean repeatable() {
        return !read || kept.whole();
    }

    /** What of the body was sent before. */
    KeptBody kept() {
        return kept;
    }

    /** Sends a further backend what the ones before were sent of the body. */
    void repeat(BackendStream to) {
        ByteBuf sent = kept.again();
        if (sent != null) {
            to.write(sent);
        }
        if (ended && !bodyless && exchange.attempt().stream() == to) {
            to.finish(null);
        }
    }

    /** The request is over, but its direction goes on as that of a tunnel. */
    void tunnel() {
        ended = false;
    }

    @Override
    public void request(RequestHead request, boolean last) {
        bodyless = last;
        ended = last;
        try {
            exchange.dispatch(request);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void rejected(RequestHead request, MessageError error) {
        try {
            exchange.reject(request, error);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void body(ByteBuf data) {
        try {
            relay(data);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    private void relay(ByteBuf data) {
        BackendStream to = exchange.attempt().stream();
        if (to == null) {
            data.release();
            return;
        }
        int bytes = data.readableBytes();
        read = true;
        if (exchange.exceedsBodyLimit(bytes)) {
            data.release();
            exchange.fail(ProxyError.BODY_TOO_LARGE);
            return;
        }
        exchange.received(bytes);
        kept.add(data);
        to.write(data);
        if (exchange.attempt().stream() == to && !to.writable()) {
            exchange.stream().pause();
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        try {
            if (exchange.isOpen()) {
                finish(trailers);
            }
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    private void finish(@Nullable Fields trailers) {
        read = true;
        ended = true;
        if (trailers != null) {
            kept.forget();
        }
        BackendStream to = exchange.attempt().stream();
        if (to != null) {
            if (trailers != null) {
                exchange.routing().routing().clientCertificate().remove(trailers);
                exchange.route().requestEdits().removeFrom(trailers);
            }
            to.finish(trailers);
            to.flush();
        }
        exchange.requestEnded();
    }

    @Override
    public void broken(MessageError error) {
        try {
            exchange.fail(error);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void aborted() {
        try {
            exchange.fail(ProxyError.CLIENT_GONE);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void shed() {
        try {
            exchange.fail(ProxyError.MEMORY);
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void writable() {
        try {
            BackendStream from = exchange.attempt().stream();
            if (from != null) {
                from.resume();
            }
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }

    @Override
    public void readComplete() {
        try {
            BackendStream to = exchange.attempt().stream();
            if (to != null) {
                to.flush();
            }
        } catch (Throwable bug) {
            exchange.broke(bug);
        }
    }
}
