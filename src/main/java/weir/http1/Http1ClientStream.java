package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.ConnectionFacts;
import weir.http.Fields;
import weir.http.Holding;
import weir.http.MessageError;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.TlsFacts;
import weir.http1.RequestReading.State;
import weir.loop.ConnectionGuard;
import weir.loop.SlowPeer;

/**
 * The responses of one client's connection, and how the connection ends: after the last response, when the client is
 * gone, or because a response cannot be completed. Confined to one event loop.
 *
 * <p>With {@link #finish} (or a response head that is the last) the exchange is over for its receiver, although the
 * request's body may still be coming: that is discarded, and the connection then closes.
 */
final class Http1ClientStream implements ClientStream {
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final RequestReading reading;
    private final ClientIntake intake;
    private final ResponseOutput response;
    private final ConnectionEnd end;
    private final BooleanSupplier draining;
    private final ConnectionFacts facts;
    private final Holding holding;

    private boolean exchanging;
    private boolean responded;
    private boolean keepAlive;
    private boolean continueExpected;
    private boolean upgradeAsked;
    private boolean tunnelling;
    private boolean outputEnded;

    Http1ClientStream(
            ChannelHandlerContext context,
            RequestHandler requests,
            ClientInput input,
            ClientPatience patience,
            BooleanSupplier draining,
            @Nullable ConnectionFacts facts) {
        this.context = context;
        this.channel = context.channel();
        this.holding = input.holding();
        this.reading = new RequestReading(this, context, requests, input, patience);
        this.intake = reading.intake();
        this.response = new ResponseOutput(context);
        this.end = new ConnectionEnd(context);
        this.draining = draining;
        this.facts = facts != null
                ? facts
                : new ConnectionFacts(address(channel.remoteAddress()), address(channel.localAddress()), null);
    }

    RequestReading reading() {
        return reading;
    }

    /** What is written from now on answers that request. */
    void begin(RequestHead request, boolean keepsAlive, boolean expectsContinue) {
        exchanging = true;
        responded = false;
        keepAlive = keepsAlive;
        continueExpected = expectsContinue;
        upgradeAsked = request.upgradesToWebSocket();
        response.answers(request);
    }

    // The response

    @Override
    public InetSocketAddress peer() {
        return facts.peer();
    }

    @Override
    public InetSocketAddress local() {
        return facts.local();
    }

    @Override
    public @Nullable TlsFacts tls() {
        return facts.tls();
    }

    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : new InetSocketAddress(0);
    }

    @Override
    public void inform(ResponseHead informational) {
        if (exchanging && !responded && response.informs()) {
            continueExpected &= informational.status() != 100;
            response.inform(informational);
        }
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        if (!exchanging || responded) {
            return;
        }
        responded = true;
        if (head.status() == 101) {
            keepAlive = false;
            response.inform(head);
            return;
        }
        boolean whole = last || head.contentLength() >= 0;
        boolean unread = reading.state() == State.BODY && (continueExpected || (whole && !reading.nearlyRead()));
        boolean ended = intake.ended() && !intake.held();
        keepAlive = keepAlive && !unread && !ended && response.delimits(head, last) && !leaves();
        response.respond(head, last, keepAlive);
        if (last) {
            responseEnd();
        }
    }

    private boolean leaves() {
        return draining.getAsBoolean() || holding.closes();
    }

    @Override
    public void write(ByteBuf data) {
        if (!exchanging || !responded || outputEnded) {
            data.release();
        } else if (response.write(data)) {
            countOutput();
        } else {
            abort();
        }
    }

    /** Counts what the socket has not taken. */
    void countOutput() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        holding.output(buffer == null ? 0 : buffer.totalPendingWriteBytes());
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!exchanging || !responded || outputEnded) {
            return;
        }
        if (tunnelling) {
            response.flush();
            outputEnded = true;
            end.shutOutput();
            tunnelEnd();
        } else if (response.finish(trailers)) {
            responseEnd();
        } else {
            close();
        }
    }

    @Override
    public void flush() {
        response.flush();
        countOutput();
    }

    @Override
    public long acknowledged() {
        return SlowPeer.acknowledged(channel);
    }

    @Override
    public boolean writable() {
        return channel.isWritable() && !holding.stopped();
    }

    @Override
    public Holding holding() {
        return holding;
    }

    @Override
    public void pause() {
        intake.pause();
    }

    @Override
    public void resume() {
        reading.resume();
    }

    @Override
    public void tunnel() {
        if (exchanging && upgradeAsked && reading.state() == State.WAIT) {
            tunnelling = true;
            reading.tunnel();
        }
    }

    @Override
    public void bodyTimeout(long nanos) {
        reading.bodyTimeout(nanos);
    }

    /** Whether the response has begun and not ended. */
    boolean responding() {
        return exchanging && responded;
    }

    @Override
    public void closeAfterResponse() {
        keepAlive = false;
    }

    @Override
    public void reset() {
        if (!exchanging) {
            return;
        }
        boolean ambiguous = responded && response.endsWithConnection();
        letGo();
        if (ambiguous) {
            end.reset();
        } else {
            context.close();
        }
    }

    // The end

    private void responseEnd() {
        exchanging = false;
        reading.answered();
        if (reading.state() == State.BODY && keepAlive && reading.nearlyRead()) {
            reading.skip();
        } else if (reading.state() == State.BODY || reading.state() == State.REFUSED || (!keepAlive && intake.held())) {
            linger();
        } else if (!keepAlive) {
            if (facts.tls() == null) {
                end.cork();
            }
            closeFlushed();
        } else {
            reading.next();
        }
    }

    /** Closes when no request has begun and nothing is owed; whether it does. */
    boolean closeIfIdle() {
        boolean idle = reading.state() == State.HEAD && reading.handled() > 0 && !reading.headBegun() && !intake.held();
        if (idle) {
            closeFlushed();
        }
        return idle;
    }

    /** Resets the connection, which holds too much memory and makes no progress. */
    void shed() {
        RequestReceiver to = reading.receiver();
        letGo();
        end.reset();
        if (to != null) {
            to.shed();
        }
    }

    /** One direction of a tunnel has ended; the connection closes when both have. */
    void tunnelEnd() {
        if (outputEnded && reading.state() == State.WAIT) {
            exchanging = false;
            reading.answered();
            closeFlushed();
        }
    }

    private void linger() {
        beginDiscarding();
        end.shutOutput();
    }

    /** Closes when all that was written is sent. */
    void closeFlushed() {
        beginDiscarding();
        end.closeFlushed();
    }

    private void beginDiscarding() {
        reading.discard();
        response.flush();
        if (intake.ended()) {
            end.inputOver();
        }
        intake.regulate();
    }

    /** The client sends nothing more that would have to be discarded. */
    void inputOver() {
        end.inputOver();
    }

    /** The client is gone. */
    void gone() {
        if (reading.headBegun()) {
            reading.refuse(MessageError.TRUNCATED);
        }
        abort();
    }

    /** Reading or writing failed, or there is a bug, of which the receiver is told if it has not caused it. */
    void broke(Throwable cause) {
        ConnectionGuard.report(channel, cause);
        boolean told = !(cause instanceof IOException) && channel.isActive() && reading.broken();
        if (told && !exchanging) {
            closeFlushed(); // behind the answer, and without waiting for what the client still sends
        } else {
            gone();
        }
    }

    /** The client sends nothing more, which is taken for its leaving; a tunnel's directions end one by one. */
    void abandon() {
        if (exchanging && !tunnelling) {
            abort();
        }
    }

    /** Closes at once and tells the receiver. */
    void abort() {
        RequestReceiver to = reading.receiver();
        close();
        if (to != null) {
            to.aborted();
        }
    }

    /** Closes at once; the receiver hears nothing. */
    void close() {
        letGo();
        context.close();
    }

    private void letGo() {
        exchanging = false;
        reading.close();
        response.discard();
    }
}
