package weir.http;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;

/**
 * The bytes that the connections of one event loop may hold together: unsent output, what was read and waits, kept bodies,
 * heads. Counting is a few additions; what is too much is shed in stages, long before memory ends. Confined to one event
 * loop but for {@link #limit} and what is read by metrics.
 */
public final class ByteBudget {
    /** A connection may hold so much before it is said to hold more than its share. */
    public static final long LEAST_SHARE = 64 * 1024;

    /** The same from {@link Stage#SHED} on, where nothing is to grow but what is small. */
    private static final long BRAKED_SHARE = 1024;

    private static final int GRANTED_PART = 4;

    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How much is held, and what is done about it. Each stage does what those before it do. */
    public enum Stage {
        /** Nothing is done. */
        CALM(0, 0),
        /** Connections that hold more than a fair share read nothing more. */
        SHARES(60, 55),
        /** Idle connections close, and responses say that theirs will. */
        IDLE(75, 70),
        /** Connections that hold most and have made no progress for a second are reset. */
        SHED(85, 75),
        /** No new connections. */
        CLOSED(95, 90);

        private final int from;
        private final int until;

        Stage(int from, int until) {
            this.from = from;
            this.until = until;
        }

        /** The share of the budget it begins at, in per cent. */
        public int percent() {
            return from;
        }
    }

    private static final Stage[] STAGES = Stage.values();

    private final ObjLongConsumer<Stage> acted;
    private final BiConsumer<ByteBudget, Stage> changed;
    private volatile long limit;
    private volatile long published;
    private volatile Stage stage = Stage.CALM;
    private Stage said = Stage.CALM;
    private long held;
    private long granted;
    private long raiseAt;
    private long lowerAt;
    private long share;
    private Holding[] holdings = new Holding[64];
    private int size;
    private Brake[] brakes = new Brake[4];
    private int brakeCount;

    /** Somebody who reads for many connections at once, and stops while memory is short. */
    public interface Brake {
        /** Reads nothing while {@code on}. */
        void brake(boolean on);
    }

    /** A budget without limit, which nobody is told of. */
    public ByteBudget() {
        this((stage, n) -> {}, (budget, stage) -> {});
    }

    /**
     * A budget without limit.
     *
     * @param acted counts what a stage did to how many connections
     * @param changed is told of each change of stage, at a tick
     */
    public ByteBudget(ObjLongConsumer<Stage> acted, BiConsumer<ByteBudget, Stage> changed) {
        this.acted = acted;
        this.changed = changed;
        limit(Long.MAX_VALUE);
        thresholds();
    }

    /** Sets the bytes that may be held, in force from the next tick on. Any thread. */
    public void limit(long bytes) {
        limit = bytes;
    }

    /** The bytes that may be held. */
    public long limit() {
        return limit;
    }

    /** The bytes held at the last tick. Any thread. */
    public long held() {
        return published;
    }

    /** The stage of this moment. Any thread. */
    public Stage stage() {
        return stage;
    }

    /** Whether idle connections are to close. */
    boolean closesIdle() {
        return stage.compareTo(Stage.IDLE) >= 0;
    }

    /** Whether no new connection is taken; counts one that is not. */
    public boolean refuses() {
        boolean full = stage == Stage.CLOSED;
        if (full) {
            acted.accept(Stage.CLOSED, 1);
        }
        return full;
    }

    long share() {
        return share;
    }

    /** Has somebody stop reading while memory is short. */
    public void join(Brake brake) {
        if (brakeCount == brakes.length) {
            brakes = Arrays.copyOf(brakes, brakeCount * 2);
        }
        brakes[brakeCount++] = brake;
        if (stage.compareTo(Stage.SHED) >= 0) {
            brake.brake(true);
        }
    }

    /** Forgets one that has joined. */
    public void leave(Brake brake) {
        for (int i = 0; i < brakeCount; i++) {
            if (brakes[i] == brake) {
                brakes[i] = brakes[--brakeCount];
                brakes[brakeCount] = null;
                return;
            }
        }
    }

    void join(Holding holding) {
        if (size == holdings.length) {
            holdings = Arrays.copyOf(holdings, size * 2);
        }
        holding.place(size);
        holdings[size++] = holding;
    }

    void leave(Holding holding) {
        Holding last = holdings[--size];
        holdings[holding.place()] = last;
        last.place(holding.place());
        holdings[size] = null;
    }

    /** So many bytes more are held, or less. */
    void change(long bytes) {
        held += bytes;
        if (held > raiseAt) {
            raise();
        }
    }

    /** Reserves bytes for a larger flow-control window; false when all windows together would exceed a quarter of the limit. */
    boolean grant(long bytes) {
        boolean room = stage == Stage.CALM && granted + bytes <= limit / GRANTED_PART;
        if (room) {
            granted += bytes;
        }
        return room;
    }

    void giveBack(long bytes) {
        granted -= bytes;
    }

    private void raise() {
        while (held > raiseAt && stage != Stage.CLOSED) {
            stage = STAGES[stage.ordinal() + 1];
            thresholds();
            if (stage == Stage.SHED) {
                brake(true);
            }
        }
    }

    private void brake(boolean on) {
        for (int i = 0; i < brakeCount; i++) {
            brakes[i].brake(on);
        }
    }

    private void thresholds() {
        long all = limit;
        raiseAt = stage == Stage.CLOSED ? Long.MAX_VALUE : all / 100 * STAGES[stage.ordinal() + 1].from;
        lowerAt = all / 100 * stage.until;
        boolean braked = stage.compareTo(Stage.SHED) >= 0;
        share = stage == Stage.CALM
                ? Long.MAX_VALUE
                : braked ? BRAKED_SHARE : Math.max(LEAST_SHARE, all / Math.max(1, size));
    }

    /** Does what is due at the loop's tick. */
    public void tick(long nowNanos) {
        published = held;
        thresholds();
        raise();
        while (stage != Stage.CALM && held < lowerAt) {
            if (stage == Stage.SHED) {
                brake(false);
            }
            stage = STAGES[stage.ordinal() - 1];
            thresholds();
        }
        Stage before = said;
        Stage now = stage;
        if (now != before) {
            said = now;
            changed.accept(this, now);
        }
        if (now != Stage.CALM || before != Stage.CALM) {
            act(nowNanos);
        }
    }

    private void act(long nowNanos) {
        long stopped = 0;
        long idle = 0;
        for (int i = size - 1; i >= 0; i--) {
            if (i < size) {
                Holding holding = holdings[i];
                stopped += holding.regulate(nowNanos) ? 1 : 0;
                idle += closesIdle() && holding.closeIfIdle() ? 1 : 0;
            }
        }
        acted.accept(Stage.SHARES, stopped);
        acted.accept(Stage.IDLE, idle);
        if (stage.compareTo(Stage.SHED) >= 0) {
            shed(nowNanos);
        }
    }

    /** Resets the connections that hold most first: in passes with an ever lower bound, which need no sorting. */
    private void shed(long nowNanos) {
        long goal = limit / 100 * Stage.SHED.until;
        long largest = 0;
        for (int i = 0; i < size; i++) {
            largest = Math.max(largest, holdings[i].bytes());
        }
        long reset = 0;
        for (long least = largest / 2; held > goal && least >= BRAKED_SHARE; least /= 2) {
            for (int i = size - 1; i >= 0 && held > goal; i--) {
                if (i < size && holdings[i].bytes() > least && holdings[i].stalled(nowNanos, STALLED_NANOS)) {
                    holdings[i].reset();
                    reset++;
                }
            }
        }
        acted.accept(Stage.SHED, reset);
    }
}
