package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import weir.http.ConnectionFacts;
import weir.http.FloodGuard.Event;
import weir.http.HeadPool;
import weir.http.Holding;
import weir.http.RequestHandler;
import weir.loop.SlowPeer;

/**
 * What a client's frames mean for its streams and its connection (RFC 9113 sections 5 to 7). The window of the
 * connection is given back as bytes arrive, so that a stream whose backend is slow takes nothing from the others; what
 * is held is bounded by the windows of the streams. Confined to one event loop.
 */
final class Http2ClientConnection {
    /** What a client may have under way on all streams together, in bytes. */
    static final int WINDOW = WindowGrowth.MOST;

    private static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    private static final int SETTINGS_MAX_HEADER_LIST_SIZE = 6;

    /** A PING that asks whether a response was read; its last bits are the stream's id. */
    private static final long READ_PING = 0x7265_6164_0000_0000L;

    private static final long ID_BITS = 0xffff_ffffL;

    private final ChannelHandlerContext context;
    private final RequestHandler requests;
    private final HeadPool heads;
    private final Http2Limits limits;
    private final ConnectionFacts facts;
    private final FrameWriter writer;
    private final Http2Sender sender;
    private final Http2ClientStreams streams = new Http2ClientStreams(this);
    private final ClientSettings settings;
    private final Http2ClientFrames frames;
    private final Http2ClientLife life;
    private final Http2ClientRequests heard;
    private final Holding holding;
    private final ResponseFields responseFields = new ResponseFields();

    private final WindowGrowth growth = new WindowGrowth();
    private int window = WINDOW;
    private int received;
    private @Nullable Http2ClientStream dataStream;

    /** Whether the current DATA frame had payload so far. */
    private boolean dataCarries;

    private boolean limitKnown;

    Http2ClientConnection(
            ChannelHandlerContext context, RequestHandler requests, Http2ClientTerms terms, ConnectionFacts facts) {
        this.context = context;
        this.requests = requests;
        this.heads = terms.heads();
        this.limits = terms.limits();
        this.facts = facts;
        this.life = new Http2ClientLife(this, context, terms);
        this.holding = new Holding(heads.budget(), life);
        this.writer = new FrameWriter(context);
        this.sender = new Http2Sender(context.channel(), writer);
        this.settings = new ClientSettings(writer, sender, streams);
        this.frames = new Http2ClientFrames(this, limits);
        this.heard = new Http2ClientRequests(this, limits);
    }

    // What streams need

    RequestHandler requests() {
        return requests;
    }

    /** Bytes that the client has acknowledged of all streams, see {@link SlowPeer#acknowledged}. */
    long acknowledged() {
        return SlowPeer.acknowledged(context.channel());
    }

    /** The limit of a wait for body bytes, where the request's route has none. */
    long bodyTimeoutNanos() {
        return limits.message().bodyTimeoutNanos();
    }

    HeadPool heads() {
        return heads;
    }

    ConnectionFacts facts() {
        return facts;
    }

    FrameWriter writer() {
        return writer;
    }

    Http2Sender sender() {
        return sender;
    }

    ResponseFields responseFields() {
        return responseFields;
    }

    Http2ClientStreams streams() {
        return streams;
    }

    /** Where header blocks go. */
    Http2ClientRequests heard() {
        return heard;
    }

    Http2ClientFrames frames() {
        return frames;
    }

    Http2ClientLife life() {
        return life;
    }

    WindowGrowth growth() {
        return growth;
    }

    /** Sends a PING that measures a round trip, if one is due. */
    void measureRoundTrip() {
        if (growth.asks(now())) {
            writer.ping(WindowGrowth.PING, false);
        }
    }

    /** The share of the loop's memory that the connection holds. */
    Holding holding() {
        return holding;
    }

    ByteBufAllocator alloc() {
        return context.alloc();
    }

    /** The time as of the last tick. */
    long now() {
        return life.now();
    }

    void execute(Runnable task) {
        context.executor().execute(task);
    }

    /** What was written is sent soon, together with what others write until then. */
    void flushSoon() {
        life.output().flushSoon();
    }

    /** The stream's receiver had an event and wants to know when there are no more. */
    void touched(Http2ClientStream stream) {
        life.touched(stream);
    }

    /** Counts a frame, a reset or an error of the client. */
    void count(Event event) {
        life.count(event);
    }

    /** A bug, which ends the connection. */
    void broke(Throwable bug) {
        life.broke(bug);
    }

    /** Whether nothing is read any more. */
    boolean closing() {
        return life.closing();
    }

    // The connection

    /** Sends what a server begins with. */
    void begin() {
        writer.settings(
                SETTINGS_MAX_CONCURRENT_STREAMS,
                limits.streams(),
                ClientSettings.INITIAL_WINDOW_SIZE,
                ReceiveWindow.FIRST,
                SETTINGS_MAX_HEADER_LIST_SIZE,
                limits.message().headers(),
                ClientSettings.ENABLE_CONNECT_PROTOCOL,
                1);
        writer.windowUpdate(0, WINDOW - Http2Sender.FIRST_WINDOW);
        flushSoon();
    }

    /** Ends the connection because of an error (section 5.4.1). */
    void fail(int error) {
        life.fail(error);
    }

    ClientSettings settings() {
        return settings;
    }

    /** Applies and acknowledges the settings of a frame. */
    void settingsEnd() {
        int error = settings.apply();
        if (error != Http2Error.NO_ERROR) {
            fail(error);
            return;
        }
        writer.settingsAck();
        count(Event.SETTINGS);
        flushSoon();
    }

    /** The client knows how many streams it may open. */
    void settingsAcknowledged() {
        limitKnown = true;
        count(Event.SETTINGS);
    }

    void ping(long opaque, boolean answer) {
        if (answer && (opaque & ~ID_BITS) == READ_PING) {
            Http2ClientStream stream = streams.get((int) opaque);
            if (stream != null) {
                stream.responseRead();
                flushSoon();
            }
        } else if (answer && opaque == WindowGrowth.PING) {
            growth.answered(now());
        } else if (answer) {
            life.pingAnswered(opaque);
        } else {
            writer.ping(opaque, true);
            flushSoon();
        }
        count(Event.PING);
    }

    void windowUpdate(int id, int increment) {
        count(Event.WINDOW_UPDATE);
        if (id == 0) {
            if (increment == 0 || !sender.extend(increment)) {
                fail(increment == 0 ? Http2Error.PROTOCOL_ERROR : Http2Error.FLOW_CONTROL_ERROR);
            }
            flushSoon();
            return;
        }
        Http2ClientStream stream = streams.get(id);
        if (stream == null) {
            idle(id);
        } else if (increment == 0) {
            streamError(id, Http2Error.PROTOCOL_ERROR);
        } else if (stream.response().extend(increment)) {
            flushSoon();
        } else {
            streamError(id, Http2Error.FLOW_CONTROL_ERROR);
        }
    }

    /** Whether the stream was never opened, which is the end of the connection. */
    private boolean idle(int id) {
        boolean never = id > streams.last() && !life.goneAway();
        if (never || (id & 1) == 0) {
            fail(Http2Error.PROTOCOL_ERROR);
            return true;
        }
        return false;
    }

    // Streams

    /** Asks the client by a PING, which it answers behind what it has read before, the response of that stream. */
    void askIfRead(Http2ClientStream stream) {
        writer.ping(READ_PING | stream.id(), false);
        flushSoon();
    }

    /** The client ends a stream. */
    void reset(int id) {
        Http2ClientStream stream = streams.get(id);
        if (stream == null) {
            if (!idle(id)) {
                count(Event.LATE_RESET);
            }
            return;
        }
        count(stream.lingering() ? Event.LATE_RESET : Event.RESET);
        stream.gone();
        flushSoon();
    }

    /** A stream was refused as there are too many, which a client that knows the limit can be blamed for. */
    void refused() {
        if (limitKnown) {
            count(Event.ERROR);
        }
    }

    /** Ends a stream because of an error of the client, or says that one had ended (section 5.4.2). */
    void streamError(int id, int error) {
        Http2ClientStream stream = streams.get(id);
        if (stream != null) {
            stream.abort(error);
        } else {
            writer.reset(id, error);
            count(Event.ERROR);
        }
        flushSoon();
    }

    /** A stream that is let go is reset. */
    void writeReset(Http2ClientStream stream, int error) {
        writer.reset(stream.id(), error);
        closed(stream, true);
        if (error != Http2Error.NO_ERROR && error != Http2Error.INTERNAL_ERROR) {
            count(Event.ERROR);
        }
    }

    /** A stream is let go; {@code byUs}: it was reset, and the client may not know yet. */
    void closed(Http2ClientStream stream, boolean byUs) {
        if (dataStream == stream) {
            dataStream = null;
        }
        streams.close(stream, stream.id(), byUs);
        life.streamClosed();
    }

    /** A DATA frame begins; returns what is wrong with it for the connection. */
    int dataBegins(int id, int length) {
        if (length > window) {
            return Http2Error.FLOW_CONTROL_ERROR;
        }
        window -= length;
        received += length;
        if (received >= WINDOW / 2) {
            writer.windowUpdate(0, received);
            window += received;
            received = 0;
            flushSoon();
        }
        dataCarries = false;
        Http2ClientStream stream = streams.get(id);
        if (stream == null) {
            dataStream = null;
            return lateData(id);
        }
        dataStream = stream;
        if (stream.body().ended()) {
            streamError(id, Http2Error.STREAM_CLOSED);
        } else if (!stream.body().admits(length)) {
            streamError(id, Http2Error.FLOW_CONTROL_ERROR);
        }
        return Http2Error.NO_ERROR;
    }

    private int lateData(int id) {
        if (id > streams.last() || (id & 1) == 0) {
            return life.goneAway() ? Http2Error.NO_ERROR : Http2Error.PROTOCOL_ERROR;
        }
        if (!streams.ignores(id)) {
            streamError(id, Http2Error.STREAM_CLOSED);
        }
        return Http2Error.NO_ERROR;
    }

    /** A part of that frame. */
    void data(ByteBuf part, int padding, boolean last, boolean endStream) {
        Http2ClientStream stream = dataStream;
        if (last) {
            dataStream = null;
        }
        if (part.isReadable() && !dataCarries) {
            dataCarries = true;
            if (stream != null && stream.receiver() != null) {
                count(Event.PAYLOAD);
            }
        }
        if (stream == null) {
            part.release();
        } else {
            stream.body().received(part, padding, endStream);
        }
        if (last && endStream && stream != null) {
            stream.inputEnded();
        } else if (last && !dataCarries) {
            count(Event.EMPTY_DATA);
        }
    }
}
