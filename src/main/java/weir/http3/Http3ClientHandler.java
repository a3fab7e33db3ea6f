package weir.http3;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import weir.http.ConnectionFacts;
import weir.http.HeadPool;
import weir.http.IdleClient;
import weir.http.RequestHandler;
import weir.http.Tick;

/**
 * A client's HTTP/3 connection: makes each of its request streams a {@link weir.http.ClientStream}. The codec of frames
 * and field compression is Netty's, without the dynamic table (so no stream waits for another one's fields). Confined
 * to one event loop.
 */
public final class Http3ClientHandler extends ChannelInboundHandlerAdapter implements IdleClient {
    /** The codec's own check of lengths and some fields: all versions pass one validator, and that is ours. */
    private static final String SECOND_OPINION = "Http3RequestStreamValidationHandler#0";

    private final RequestHandler requests;
    private final HeadPool heads;
    private final Tick tick;
    private final Http3Limits limits;
    private final BooleanSupplier draining;
    private final Arrival arrival;
    private final long since;
    private @Nullable Http3Connection connection;
    private @Nullable QuicChannel channel;
    private @Nullable String serverName;
    private boolean handshaken;
    private int tickPlace = -1;

    /** Hears of the end of a handshake. Called on the event loop. */
    public interface Arrival {
        /** It succeeded; the client asked for that name. Returns what is known of the connection now. */
        ConnectionFacts established(@Nullable String serverName);

        /** The connection is over before it was established. */
        void failed();
    }

    /**
     * A handler that opens an exchange at {@code requests} for each request.
     *
     * @param draining the connection is to end soon
     * @param arrival told how the handshake ends
     */
    public Http3ClientHandler(
            RequestHandler requests,
            HeadPool heads,
            Tick tick,
            Http3Limits limits,
            BooleanSupplier draining,
            Arrival arrival) {
        this.requests = requests;
        this.heads = heads;
        this.tick = tick;
        this.limits = limits;
        this.draining = draining;
        this.arrival = arrival;
        this.since = tick.now();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        QuicChannel quic = (QuicChannel) ctx.channel();
        channel = quic;
        Http3Connection made = new Http3Connection(quic, requests, heads, tick, limits, draining);
        connection = made;
        Http3Settings settings = new Http3Settings()
                .qpackMaxTableCapacity(0)
                .qpackBlockedStreams(0)
                .maxFieldSectionSize(limits.section());
        Http3ServerConnectionHandler codec = new Http3ServerConnectionHandler(
                requestStreams(made), new ControlFrames(made), null, new DefaultHttp3SettingsFrame(settings), true);
        // Before this one, which has the codec's exceptions then.
        ctx.pipeline().addBefore(ctx.name(), null, codec);
        tick.join(this);
        made.holding().join(tick.now());
    }

    private static ChannelHandler requestStreams(Http3Connection of) {
        return new ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                if (!of.accepts(stream.streamId())) {
                    stream.shutdown(Http3ErrorCode.H3_REQUEST_REJECTED.code());
                    stream.close();
                    return;
                }
                RequestStreamHandler handler = new RequestStreamHandler(of);
                stream.config().setReadFrames(true);
                ChannelPipeline pipeline = stream.pipeline();
                pipeline.remove(SECOND_OPINION);
                pipeline.remove(QuietTail.INSTANCE); // else it would have the errors, being before the handler
                pipeline.addFirst(handler.bytes()).addLast(handler);
            }

            @Override
            public boolean isSharable() {
                return true;
            }
        };
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SniCompletionEvent sni) {
            serverName = sni.hostname();
        } else if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess() && !handshaken) {
                handshaken = true;
                established(ctx);
            }
        } else if (event instanceof QuicPathEvent.PeerMigrated moved) {
            connection().moved(moved.remote());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void established(ChannelHandlerContext ctx) {
        try {
            connection().established(arrival.established(serverName));
        } catch (RuntimeException | Error bug) {
            connection().bug(bug);
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave();
    }

    private void leave() {
        tick.leave(this);
        Http3Connection known = connection;
        if (known != null) {
            known.holding().leave();
        }
        if (!handshaken) {
            handshaken = true;
            arrival.failed();
        }
    }

    /** A client's nonsense, which the codec has answered already. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Error
                || (cause instanceof RuntimeException && !(cause instanceof IllegalArgumentException))) {
            connection().bug(cause);
            ctx.close();
        }
    }

    @Override
    public void tick(long nowNanos) {
        try {
            check(nowNanos);
        } catch (RuntimeException | Error bug) {
            connection().bug(bug);
            connection().close(Http3ErrorCode.H3_INTERNAL_ERROR);
        }
    }

    private void check(long nowNanos) {
        QuicChannel quic = channel;
        if (handshaken) {
            connection().tick(nowNanos);
        } else if (quic != null
                && limits.message().headerTimeoutNanos() > 0
                && nowNanos - since >= limits.message().headerTimeoutNanos()) {
            quic.close(true, Http3ErrorCode.H3_NO_ERROR.code(), Unpooled.EMPTY_BUFFER);
        }
    }

    private Http3Connection connection() {
        Http3Connection known = connection;
        if (known == null) {
            throw new IllegalStateException("not added");
        }
        return known;
    }

    @Override
    public long idleSince() {
        return handshaken ? connection().idle() : since;
    }

    /** All connections share the socket of their loop. */
    @Override
    public boolean hasDescriptor() {
        return false;
    }

    @Override
    public void evict() {
        connection().close(Http3ErrorCode.H3_NO_ERROR);
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
