package weir.http1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import weir.http.Holding;
import weir.http.ResponseReceiver;
import weir.http1.ResponseReading.State;

/**
 * When a backend's bytes are taken: held while the receiver pauses, and delivered later from a task of the event loop.
 * Drives {@link ResponseReading}. Confined to one event loop.
 */
final class BackendIntake {
    private final ResponseReading reading;
    private final Http1BackendStream stream;
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final BackendInput input;
    private final Runnable wake = this::woken;

    private boolean paused;
    private boolean ended;
    private boolean processing;
    private boolean wakeScheduled;

    BackendIntake(
            ResponseReading reading, Http1BackendStream stream, ChannelHandlerContext context, BackendInput input) {
        this.reading = reading;
        this.stream = stream;
        this.context = context;
        this.channel = context.channel();
        this.input = input;
    }

    /** Whether the channel brings nothing more. */
    boolean ended() {
        return ended;
    }

    boolean paused() {
        return paused;
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
        if (processing || ended || reading.state() == State.CLOSED) {
            return;
        }
        boolean wanted = !paused && input.isEmpty() && !stopped();
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    /** Whether the client for whom this is read holds more than its share of memory. */
    private boolean stopped() {
        ResponseReceiver to = reading.receiver();
        Holding of = to == null ? null : to.holding();
        return of != null && of.stopped();
    }

    void pause() {
        paused = true;
        regulate();
    }

    void resume() {
        if (paused) {
            paused = false;
            wakeIfHeld();
        } else {
            regulate();
        }
    }

    /** Not paused any more, since what was paused is over. */
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
            reading.readComplete();
        } catch (RuntimeException | Error bug) {
            stream.broke(bug); // nobody else hears of it
        }
    }
}
