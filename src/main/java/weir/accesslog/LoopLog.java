package weir.accesslog;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Tick;
import weir.metrics.LoopCounter;

/**
 * The access log as one event loop sees it. Lines are rendered into a chunk; full chunks, and at each tick what there
 * is, are handed to the writer. Nothing is allocated per line and nothing ever waits. Confined to one event loop.
 */
public final class LoopLog implements Tick.Member {
    /** Chunks a loop may have, of {@link #CHUNK} bytes each: 4 MiB. */
    static final int CHUNKS = 64;

    static final int CHUNK = 64 * 1024;
    /** A chunk is handed over from that size on, so that it rarely grows. */
    static final int HAND_OVER = CHUNK - 4 * 1024;
    /** While loops pause, the requests already begun still end: how far the last chunk may grow for them. */
    private static final int LAST_CHUNK = 4 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(LoopLog.class);

    private final AccessLog log;
    private final int loop;
    private final ChunkRing filled = new ChunkRing(CHUNKS);
    private final ChunkRing free = new ChunkRing(CHUNKS);
    private final LineClock clock = new LineClock();
    private final LoopCounter lines;
    private final LoopCounter dropped;
    private final JsonTexts texts = new JsonTexts();
    private LineBuffer current = new LineBuffer(CHUNK, texts);
    private int chunks = 1;
    private int place = -1;
    private boolean wasFull;
    private @Nullable Runnable resume;

    LoopLog(AccessLog log, int loop, LoopCounter lines, LoopCounter dropped) {
        this.log = log;
        this.loop = loop;
        this.lines = lines;
        this.dropped = dropped;
    }

    /** Renders the line of an exchange that ended. Call it exactly once for each. */
    public void log(LoggedExchange exchange) {
        AccessLog.Settings settings = log.settings();
        if (settings.off()) {
            return;
        }
        if (current.length() >= HAND_OVER && !handOver() && !mayGrow(settings)) {
            dropped.increment(loop);
            return;
        }
        LineBuffer out = current;
        int start = out.length();
        try {
            settings.format().write(exchange, out, clock);
        } catch (RuntimeException bug) {
            out.truncate(start);
            dropped.increment(loop);
            LOG.error("access log: a line could not be rendered", bug);
            return;
        }
        out.endLine();
        lines.increment(loop);
        if (out.length() >= HAND_OVER) {
            handOver();
        }
    }

    /**
     * Whether the writer is so far behind that no new request should be read; always false unless {@code when-full} is
     * {@code pause}. Ask before each request is read; {@link #onResume} tells when it is over.
     */
    public boolean full() {
        if (!log.settings().pauses() || waiting() < CHUNKS / 2) {
            return false;
        }
        wasFull = true;
        return true;
    }

    /** What is run, on the loop, when {@link #full()} was true and is no more. */
    public void onResume(Runnable callback) {
        resume = callback;
    }

    /** Hands over what there is; called by the loop's tick. */
    @Override
    public void tick(long nowNanos) {
        flush();
        if (wasFull && (!log.settings().pauses() || waiting() < CHUNKS / 4)) {
            wasFull = false;
            if (resume != null) {
                resume.run();
            }
        }
    }

    /** Hands over what there is. */
    public void flush() {
        if (current.length() > 0) {
            handOver();
        }
    }

    @Override
    public int tickPlace() {
        return place;
    }

    @Override
    public void tickPlace(int newPlace) {
        place = newPlace;
    }

    private boolean mayGrow(AccessLog.Settings settings) {
        return settings.pauses() && current.length() < LAST_CHUNK;
    }

    /** Chunks the writer has not given back. */
    private int waiting() {
        return chunks - 1 - free.size();
    }

    /** Hands the chunk over if there is another one to go on with. */
    private boolean handOver() {
        LineBuffer next = free.poll();
        if (next == null) {
            if (chunks == CHUNKS) {
                return false;
            }
            chunks++;
            next = new LineBuffer(CHUNK, texts);
        }
        filled.offer(current);
        current = next;
        log.wake();
        return true;
    }

    // The writer's side

    @Nullable
    LineBuffer poll() {
        return filled.poll();
    }

    void giveBack(LineBuffer chunk) {
        chunk.clear(2 * CHUNK);
        free.offer(chunk);
    }

    boolean hasFilled() {
        return filled.size() > 0;
    }

    long droppedLines() {
        return dropped.getCount();
    }

    /** The chunk in the making, when the loop has ended. */
    LineBuffer last() {
        return current;
    }
}
