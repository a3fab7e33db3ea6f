package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import weir.http1.RequestReading.State;

/**
 * When a client's bytes are taken: read from the channel only while there is somebody for them, held meanwhile, and
 * delivered later from a task of the event loop. Drives {@link RequestReading}. Confined to one event loop.
 */
final class ClientIntake {
    private static final long MOST_DISCARDED = 8L * 1024 * 1024;

    private final RequestReading reading;
    private final Http1ClientStream stream;
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final ClientInput input;
    private final Runnable wake = this::woken;

    private boolean paused;
    private boolean ended;
    private boolean processing;
    private boolean wakeScheduled;
    private long discarded;

    ClientIntake(RequestReading reading, Http1ClientStream stream, ChannelHandlerContext context, ClientInput input) {
        this.reading = reading;
        this.stream = stream;
        this.context = context;
        this.channel = context.channel();
        this.input = input;
    }

    /** Whether bytes are held. */
    boolean held() {
        return !input.isEmpty();
    }

    /** Whether the channel brings nothing more. */
    boolean ended() {
        return ended;
    }

    /** Whether this is called from within an event that it delivers. */
    boolean processing() {
        return processing;
    }

    boolean paused() {
        return paused;
    }

    /** Takes a buffer over. */
    void received(ByteBuf in) {
        if (reading.state().compareTo(State.REFUSED) >= 0) {
            discard(in);
        } else {
            input.add(in);
            process();
        }
    }

    private void discard(ByteBuf in) {
        discarded += in.readableBytes();
        in.release();
        if (discarded > MOST_DISCARDED && reading.state() == State.DISCARD) {
            stream.close();
        } else {
            regulate();
        }
    }

    /** The channel brings nothing more. */
    void end() {
        ended = true;
        process();
    }

    /** Reads as far as what is held goes. */
    void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            boolean more = true;
            while (more) {
                more = reading.advance();
            }
        } finally {
            processing = false;
        }
        if (ended && input.isEmpty()) {
            reading.inputEnd();
        }
        regulate();
    }

    /** Reads from the channel exactly while there is somebody to take it. */
    void regulate() {
        if (processing) {
            return;
        }
        input.count();
        if (ended || reading.state() == State.CLOSED) {
            return;
        }
        boolean wanted = switch (reading.state()) {
            case HEAD, WAIT -> input.isEmpty();
            case BODY, TUNNEL, SKIP -> !paused && input.isEmpty();
            default -> discarded <= MOST_DISCARDED;
        };
        wanted &= !input.holding().stopped() || reading.state().compareTo(State.REFUSED) >= 0;
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    void pause() {
        paused = true;
        regulate();
    }

    /** Bytes may come again, but what is held comes when {@link #wakeIfHeld} says so. */
    void release() {
        paused = false;
    }

    /** Has what is held delivered, soon. */
    void wakeIfHeld() {
        if (!processing && !wakeScheduled && (ended || !input.isEmpty())) {
            wakeScheduled = true;
            context.executor().execute(wake);
        }
        regulate();
    }

    private void woken() {
        wakeScheduled = false;
        try {
            process();
            readComplete();
        } catch (RuntimeException | Error bug) {
            stream.broke(bug); // nobody else hears of it
        }
    }

    /** All is delivered that was at hand. */
    void readComplete() {
        reading.readComplete();
        stream.flush();
    }
}
