package weir.http;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coarse clock of one event loop. Whoever has a deadline is a member and is asked at every tick, so that no timer
 * is made or cancelled per request. Joining and leaving are O(1). Confined to one event loop.
 */
public final class Tick implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Tick.class);

    /** Milliseconds between ticks: how late a deadline may be noticed. */
    public static final long PERIOD_MILLIS = 100;

    private Member[] members = new Member[64];
    private int size;
    private long now = System.nanoTime();

    /** Somebody with a deadline. */
    public interface Member {
        /** Called at each tick with {@link System#nanoTime()}; may leave, or let others join and leave. */
        void tick(long nowNanos);

        /** The place in the tick's list; kept for the tick, -1 while not a member. */
        int tickPlace();

        /** Keeps the place. */
        void tickPlace(int place);
    }

    /** Adds a member whose place is -1. */
    public void join(Member member) {
        if (size == members.length) {
            members = Arrays.copyOf(members, size * 2);
        }
        member.tickPlace(size);
        members[size++] = member;
    }

    /** Removes a member; nothing when it is none. */
    public void leave(Member member) {
        int place = member.tickPlace();
        if (place < 0) {
            return;
        }
        Member last = members[--size];
        members[place] = last;
        last.tickPlace(place);
        members[size] = null;
        member.tickPlace(-1);
    }

    /** {@link System#nanoTime()} as of the last tick. */
    public long now() {
        return now;
    }

    /** How many members there are. */
    public int size() {
        return size;
    }

    /** Asks every member, from the last to the first so that those that leave move nobody who was not asked yet. */
    @Override
    public void run() {
        run(System.nanoTime());
    }

    /** Asks every member what is due at that time. */
    public void run(long nowNanos) {
        now = nowNanos;
        for (int i = size - 1; i >= 0; i--) {
            if (i < size) {
                ask(members[i]);
            }
        }
    }

    /** One member's bug must not stop the clock of all others. */
    private void ask(Member member) {
        try {
            member.tick(now);
        } catch (RuntimeException | Error bug) {
            LOG.error("a bug at the tick of {}", member.getClass().getName(), bug);
        }
    }
}
