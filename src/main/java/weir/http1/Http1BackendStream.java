package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.RequestHead;
import weir.http.ResponseReceiver;
import weir.http1.ResponseReading.State;
import weir.loop.ConnectionGuard;
import weir.loop.SlowPeer;

/**
 * The requests of one connection to a backend, and what becomes of the connection after each: it goes back to its owner
 * only when request and response are complete, both sides keep it alive, and no byte is left over; else it is closed.
 * The stream must not be used any more after its last event, since the next attempt has the same object. Confined to
 * one event loop.
 */
final class Http1BackendStream implements BackendStream {
    private final BackendConnection connection;
    private final BackendConnection.Owner owner;
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final BackendInput input;
    private final ResponseReading reading;
    private final RequestOutput request;

    private int requests;
    private boolean requestEnded;
    private boolean outputFailed;

    Http1BackendStream(
            BackendConnection connection,
            BackendConnection.Owner owner,
            ChannelHandlerContext context,
            BackendInput input) {
        this.connection = connection;
        this.owner = owner;
        this.context = context;
        this.channel = context.channel();
        this.input = input;
        this.reading = new ResponseReading(this, context, input);
        this.request = new RequestOutput(context);
    }

    ResponseReading reading() {
        return reading;
    }

    /** Requests sent so far. */
    int requests() {
        return requests;
    }

    /** An attempt begins; its events go to {@code to}. */
    void open(ResponseReceiver to) {
        reading.open(to);
        requestEnded = false;
    }

    // The request

    @Override
    public void request(RequestHead of, boolean last) {
        if (reading.state() != State.OPEN) {
            return;
        }
        reading.expect(of);
        requestEnded = last;
        requests++;
        reading.expectAnswerTo(request.request(of, last));
    }

    @Override
    public void write(ByteBuf data) {
        if (!writing()) {
            data.release();
        } else if (!request.write(data)) {
            fail(BackendFailure.RESET);
        }
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!writing()) {
            return;
        }
        if (reading.state() == State.TUNNEL || reading.state() == State.TUNNEL_ENDED) {
            requestEnded = true;
            request.flush();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture sent) -> outputFlushed());
            tunnelEnd();
        } else if (request.finish(trailers)) {
            requestEnded = true;
        } else {
            fail(BackendFailure.RESET);
        }
    }

    private boolean writing() {
        State state = reading.state();
        return state.compareTo(State.HEAD) >= 0 && state != State.CLOSED && !requestEnded && !outputFailed;
    }

    private void outputFlushed() {
        if (reading.state() == State.TUNNEL && channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
    }

    @Override
    public void flush() {
        request.flush();
    }

    @Override
    public long acknowledged() {
        return SlowPeer.acknowledged(channel);
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void pause() {
        reading.intake().pause();
    }

    @Override
    public void resume() {
        reading.intake().resume();
    }

    @Override
    public void tunnel() {
        if (reading.state() == State.SWITCHING) {
            requestEnded = false;
            request.tunnel();
            reading.tunnel();
        }
    }

    @Override
    public void cancel() {
        if (reading.state() != State.IDLE) {
            reading.dismiss();
            shut();
        }
    }

    @Override
    public boolean reused() {
        return requests > 1;
    }

    // The end

    /** Reading or writing failed, or there is a bug. */
    void broke(Throwable cause) {
        if (cause instanceof ChannelOutputShutdownException
                && (reading.state() == State.HEAD || reading.state() == State.BODY)) {
            // The backend takes no more, but what it answered may still be read.
            outputFailed = true;
            return;
        }
        ConnectionGuard.report(channel, cause);
        fail(BackendFailure.RESET);
    }

    /** The response is complete. {@code reusable}: as far as reading goes, another one may follow. */
    void responded(boolean reusable) {
        if (reusable && requestEnded && !outputFailed) {
            reading.idle();
            owner.released(connection);
        } else {
            shut();
        }
    }

    /** One direction of a tunnel has ended; the connection closes when both have. */
    void tunnelEnd() {
        if (reading.state() == State.TUNNEL_ENDED && requestEnded) {
            reading.dismiss();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> shut());
        }
    }

    /** Closes and tells the receiver. */
    void fail(BackendFailure failure) {
        ResponseReceiver to = reading.dismiss();
        shut();
        if (to != null) {
            to.failed(failure);
        }
    }

    /** Closes and tells the owner, once. */
    void shut() {
        if (reading.state() == State.CLOSED) {
            return;
        }
        reading.close();
        request.discard();
        input.releaseHead();
        context.close();
        owner.closed(connection);
    }
}
