package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.ConnectionFacts;
import weir.http.HeadPool;
import weir.http.Holding;
import weir.http.IdleClient;
import weir.http.ReadWatch;
import weir.http.RequestHandler;
import weir.http.RequestReceiver;
import weir.http.Tick;
import weir.http1.RequestReading.State;

/**
 * A client's HTTP/1.1 or 1.0 connection: one exchange after another, all on the same {@link ClientStream}. Forwards the
 * channel's events: {@link ClientIntake} takes the bytes, {@link RequestReading} has the connection's states,
 * {@link Http1ClientStream} answers and ends it.
 * Confined to one event loop.
 *
 * <p>What is held is delivered from a task of the event loop, never from within {@link ClientStream#resume()},
 * {@link ClientStream#finish} or {@link ClientStream#tunnel()}.
 */
public final class Http1ClientHandler extends ChannelInboundHandlerAdapter implements IdleClient, Holding.Holder {
    private final RequestHandler requests;
    private final Tick tick;
    private final Holding holding;
    private final BooleanSupplier draining;
    private final ClientInput input;
    private final ClientPatience patience;
    private final @Nullable ConnectionFacts facts;
    private final @Nullable ReadWatch watch;
    private @Nullable Predicate<ByteBuf> first;

    // Set when the handler is added.
    private Http1ClientStream stream;
    private RequestReading reading;
    private ClientIntake intake;

    private int tickPlace = -1;

    /** A handler that opens an exchange at {@code requests} for each request. {@code draining}: the process is to end. */
    public Http1ClientHandler(
            RequestHandler requests, HeadPool heads, Tick tick, Http1Limits limits, BooleanSupplier draining) {
        this(requests, heads, tick, limits, draining, null, null, null);
    }

    /**
     * The same for a connection of which {@code facts} are known; null for those of its channel, in the clear.
     * {@code watch} is told of what is read; null where that is done elsewhere. {@code first} is shown the first bytes and may
     * take them over with the connection; null for nobody.
     */
    public Http1ClientHandler(
            RequestHandler requests,
            HeadPool heads,
            Tick tick,
            Http1Limits limits,
            BooleanSupplier draining,
            @Nullable ConnectionFacts facts,
            @Nullable ReadWatch watch,
            @Nullable Predicate<ByteBuf> first) {
        this.facts = facts;
        this.watch = watch;
        this.first = first;
        this.requests = requests;
        this.tick = tick;
        this.draining = draining;
        this.holding = new Holding(heads.budget(), this);
        this.input = new ClientInput(heads, limits, holding);
        this.patience = new ClientPatience(limits, tick, draining);
    }

    /** How many requests began on this connection, refused ones included. */
    public int handledRequests() {
        return reading.handled();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        stream = new Http1ClientStream(ctx, requests, input, patience, draining, facts);
        reading = stream.reading();
        intake = reading.intake();
        if (ctx.channel().isActive()) {
            start();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
    }

    private void start() {
        if (tickPlace < 0 && reading.state() != State.CLOSED) {
            patience.begin();
            tick.join(this);
            holding.join(tick.now());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (watch != null) {
            watch.read();
        }
        ByteBuf in = (ByteBuf) message;
        Predicate<ByteBuf> asked = first;
        if (asked != null) {
            first = null;
            if (asked.test(in)) {
                return;
            }
        }
        intake.received(in);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        intake.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!stream.writable()) {
            return;
        }
        holding.progress();
        tellWritable();
    }

    private void tellWritable() {
        stream.countOutput();
        RequestReceiver to = reading.receiver();
        if (to != null) {
            to.writable();
        } else {
            reading.drained();
        }
    }

    @Override
    public void regulate() {
        intake.regulate();
        if (stream.writable()) {
            tellWritable();
        }
    }

    @Override
    public boolean closeIfIdle() {
        return stream.closeIfIdle();
    }

    @Override
    public void reset() {
        stream.shed();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            intake.end();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        stream.gone();
        requests.closed();
    }

    /** Another protocol takes its place. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave();
    }

    private void leave() {
        tick.leave(this);
        holding.leave();
        if (watch != null) {
            watch.stop();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            stream.broke(cause);
        } catch (RuntimeException | Error again) {
            ctx.fireExceptionCaught(again);
        }
    }

    @Override
    public void tick(long nowNanos) {
        try {
            reading.tick(nowNanos);
        } catch (RuntimeException | Error bug) {
            stream.broke(bug);
        }
    }

    @Override
    public long idleSince() {
        return reading.state() == State.HEAD && !reading.headBegun() && input.isEmpty() ? patience.since() : BUSY;
    }

    @Override
    public void evict() {
        stream.close();
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
