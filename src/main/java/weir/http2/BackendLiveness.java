package weir.http2;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Notices that a backend is gone without a word: when nothing came for 15 seconds although streams are open, it is asked
 * by a PING, and not to answer within five is the end of the connection. While it stays silent it is asked every five
 * minutes only, since gRPC's servers take offence at more (gRPC proposal A8).
 * One timer for each connection; nothing is done per frame but to set a flag. Confined to one event loop.
 */
final class BackendLiveness implements Runnable {
    private static final int PERIOD_SECONDS = 5;
    private static final int SILENT_PERIODS = 3;
    private static final int PERIODS_BETWEEN_PINGS = 60;
    private static final long PING = 0x7765_6972_0000_0000L;

    private final Http2BackendHandler connection;
    private final Future<?> timer;
    private boolean heard;
    private boolean asked;
    private int silentPeriods;
    private int nextPing = SILENT_PERIODS;

    BackendLiveness(Http2BackendHandler connection, EventExecutor executor) {
        this.connection = connection;
        this.timer = executor.scheduleWithFixedDelay(this, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** Bytes came. */
    void heard() {
        heard = true;
    }

    /** The answer to a PING came: that alone is no sign of work going on. */
    void answered() {
        asked = false;
        heard = false;
    }

    @Override
    public void run() {
        connection.tick();
        if (heard || !connection.busy()) {
            heard = false;
            asked = false;
            silentPeriods = 0;
            nextPing = SILENT_PERIODS;
        } else if (asked) {
            connection.lost("it does not answer a PING");
        } else if (++silentPeriods >= nextPing) {
            nextPing = silentPeriods + PERIODS_BETWEEN_PINGS;
            asked = true;
            connection.writer().ping(PING, false);
            connection.flushSoon();
        }
    }

    void stop() {
        timer.cancel(false);
    }
}
