package weir.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.BackendStream;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.ResponseHead;

/**
 * The response's half of an exchange: hands what the backend sends to the client, and stops the backend while that
 * takes no more. After a 101 both directions are a tunnel, which is over when both have ended. Confined to one event
 * loop.
 *
 * <p>Calls that may make the stream start its next request are the last thing a method does.
 */
final class ResponseRelay {
    private final Exchange exchange;
    private final BackendHandler attempt;
    private boolean informed;
    private boolean begun;
    private boolean tunnel;
    private boolean ended;

    ResponseRelay(Exchange exchange, BackendHandler attempt) {
        this.exchange = exchange;
        this.attempt = attempt;
    }

    void reset() {
        informed = false;
        begun = false;
        tunnel = false;
        ended = false;
    }

    /** A final head goes to the client now: from here on no other one can. */
    void begin() {
        begun = true;
    }

    /** Whether a final head went to the client. */
    boolean begun() {
        return begun;
    }

    /** Whether anything went to the client, be it a 1xx: what another backend says would not follow from it. */
    boolean heard() {
        return informed || begun;
    }

    /** Whether both directions are raw bytes. */
    boolean tunnel() {
        return tunnel;
    }

    /** Whether the backend's direction of a tunnel has ended. */
    boolean ended() {
        return ended;
    }

    void flush() {
        if (exchange.isOpen()) {
            exchange.stream().flush();
        }
    }

    void informational(ResponseHead head) {
        if (exchange.isOpen() && !begun) {
            informed = true;
            HopByHopFields.drop(head.fields());
            exchange.stream().inform(head);
        }
    }

    void response(ResponseHead head, boolean last, long now) {
        begun = true;
        exchange.responded(head, now);
        ClientStream to = exchange.stream();
        if (head.status() == 101) {
            switchProtocols(head, to);
            return;
        }
        if (last) {
            exchange.complete("");
        }
        to.respond(head, last);
        if (last) {
            to.flush();
        }
    }

    private void switchProtocols(ResponseHead head, ClientStream to) {
        tunnel = true;
        exchange.tunnelStarted();
        BackendStream from = attempt.stream();
        to.respond(head, false);
        to.pause(); // what the client sent early waits until the backend's side is a tunnel, too
        to.tunnel();
        if (from != null) {
            from.tunnel();
        }
        to.flush();
        to.resume();
    }

    void body(ByteBuf data) {
        if (!exchange.isOpen()) {
            data.release();
            return;
        }
        exchange.sent(data.readableBytes());
        ClientStream to = exchange.stream();
        BackendStream from = attempt.stream();
        to.write(data);
        if (from != null && attempt.stream() == from && !to.writable()) {
            from.pause();
        }
    }

    void end(@Nullable Fields trailers) {
        if (!exchange.isOpen()) {
            return;
        }
        ClientStream to = exchange.stream();
        if (tunnel) {
            ended = true;
            to.finish(null);
            to.flush();
            exchange.tunnelEnd();
            return;
        }
        if (trailers != null) {
            exchange.route().responseEdits().removeFrom(trailers);
        }
        exchange.complete("");
        to.finish(trailers);
        to.flush();
    }
}
