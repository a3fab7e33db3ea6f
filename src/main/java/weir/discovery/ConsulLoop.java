package weir.discovery;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every watch does around its requests: a thread, a steady pace, pauses after failures, and the rules of the index
 * of blocking queries (Consul's documentation, "Blocking Queries", implementation details). {@link #stop} and
 * {@link #again} from any thread.
 */
final class ConsulLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulDiscovery.class);
    private static final long STACK_BYTES = 256 * 1024;
    private static final int BURST = 5;

    private final Thread thread;
    private final Turn turn;
    private final Pace pace;
    private final BackOff backOff = new BackOff(new SplittableRandom());
    private long index;
    private @Nullable ConsulRequest underWay;
    private boolean again;
    private boolean stopped;

    /** One question and what is done with its answer; says what went wrong by its exception. */
    interface Turn {
        /** Asks, from the index on; returns the index of the answer, 0 where there is none. */
        long run(ConsulLoop loop) throws ConsulFailure;

        /** Told why a turn failed. */
        void failed(ConsulFailure failure);
    }

    ConsulLoop(String name, Duration interval, Turn turn) {
        this.turn = turn;
        this.pace = new Pace(BURST, interval, System.nanoTime());
        this.thread = new Thread(null, this::loop, "weir-consul-" + name, STACK_BYTES);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends it; a request under way is given up. Does not wait. */
    synchronized void stop() {
        stopped = true;
        if (underWay != null) {
            underWay.abort();
        }
        thread.interrupt();
    }

    /** Gives up the request under way, so that the next one is put together anew; not during a pause. */
    synchronized void again() {
        if (underWay != null) {
            again = true;
            underWay.abort();
        }
    }

    /** Makes a request one that blocks from the last index on, and one that {@link #stop} gives up. */
    ConsulRequest blocking(ConsulRequest request, Duration wait) {
        return sending(index > 0 ? request.blocking(index, wait) : request);
    }

    /** Makes a request one that {@link #stop} gives up. */
    synchronized ConsulRequest sending(ConsulRequest request) {
        underWay = request;
        again = false;
        if (stopped) {
            request.abort();
        }
        return request;
    }

    synchronized boolean stopped() {
        return stopped;
    }

    /** The index to ask from next: one that goes backwards starts over. */
    static long next(long before, long answered) {
        return answered < before ? 0 : answered;
    }

    private void loop() {
        while (!stopped() && sleep(pace.takeNanos(System.nanoTime()))) {
            try {
                index = next(index, turn.run(this));
                backOff.reset();
            } catch (ConsulFailure e) {
                if (!stopped() && !givenUp()) {
                    // An agent that starts over has lower indexes, and would let a higher one wait.
                    index = 0;
                    turn.failed(e);
                    sleep(backOff.nextNanos());
                }
            } catch (RuntimeException bug) {
                if (stopped()) {
                    return; // what it was using is closed
                }
                LOG.error("consul: {} failed", thread.getName(), bug);
                index = 0;
                sleep(backOff.nextNanos());
            }
        }
    }

    /** Whether the failure is only that of {@link #again}. */
    private synchronized boolean givenUp() {
        boolean was = again;
        again = false;
        return was;
    }

    private static boolean sleep(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
