package weir.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coarse clock of one event loop. Whoever has a deadline is a member and is asked at every tick, so that no timer
 * is made or cancelled per request. Joining and leaving are O(1). Run by a {@code LoopClock}. Confined to one event loop.
 */
public final class Tick {
    private static final Logger LOG = LoggerFactory.getLogger(Tick.class);

    /** Milliseconds between ticks: how late a deadline may be noticed. */
    public static final long PERIOD_MILLIS = 100;

    /** Of many clients one in so many is closed at a time, so that looking for them costs each newcomer little. */
    private static final int EVICTED_SHARE = 64;

    /** Connections whose wait differs from the oldest by at most this count as equally old. */
    private static final long ABOUT_NANOS = 250_000_000L;

    private Member[] members = new Member[64];
    private int size;
    private long now = System.nanoTime();
    private long behind;
    private long asked = now;
    private @Nullable Tick clients;

    /** Somebody with a deadline. */
    public interface Member {
        /** Called at each tick with the time of its clock; may leave, or let others join and leave. */
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

    /** The same as of now, for waits that must not seem to have begun before the loop was late. */
    public long exactly() {
        return System.nanoTime() - behind;
    }

    /**
     * The clock for waits on clients: for a handshake, a head, a body, the next request. It stands still while what
     * clients sent is not delivered, or while the loop does not run; see {@code LoopClock}.
     */
    public Tick clients() {
        Tick made = clients;
        if (made == null) {
            made = new Tick();
            made.now = now;
            clients = made;
        }
        return made;
    }

    /**
     * Closes the idle clients among its members that have waited longest: one, or a few when there are very many. Those
     * whose next request may have come already, but is not delivered yet, are not idle. O(n).
     *
     * @param withDescriptor only such whose end frees a file descriptor
     * @return how many were closed
     */
    public int evictIdle(boolean withDescriptor) {
        IdleClient first = null;
        long oldest = asked;
        for (int i = 0; i < size; i++) {
            IdleClient client = idle(members[i], withDescriptor);
            if (client != null && client.idleSince() < oldest) {
                first = client;
                oldest = client.idleSince();
            }
        }
        if (first == null) {
            return 0;
        }
        int more = size / EVICTED_SHARE;
        first.evict();
        int evicted = 1;
        for (int i = size - 1; i >= 0 && more > 0; i--) {
            IdleClient client = i < size ? idle(members[i], withDescriptor) : null;
            if (client != null && client != first && client.idleSince() - oldest <= ABOUT_NANOS) {
                client.evict();
                evicted++;
                more--;
            }
        }
        return evicted;
    }

    private static @Nullable IdleClient idle(Member member, boolean withDescriptor) {
        boolean is = member instanceof IdleClient client
                && client.idleSince() != IdleClient.BUSY
                && (client.hasDescriptor() || !withDescriptor);
        return is ? (IdleClient) member : null;
    }

    /** How many members there are. */
    public int size() {
        return size;
    }

    /** Asks every member what is due at that time. */
    public void run(long nowNanos) {
        advance(nowNanos, nowNanos);
        ask(nowNanos, nowNanos);
    }

    /** Sets the time, and that of clients, from which waits count that begin from now on. */
    public void advance(long nowNanos, long clientNanos) {
        now = nowNanos;
        Tick ofClients = clients();
        ofClients.now = clientNanos;
        ofClients.behind = nowNanos - clientNanos;
    }

    /** Asks every member what is due at that time, and every member of the clients' clock what is due at that of theirs. */
    public void ask(long nowNanos, long clientNanos) {
        askAll(nowNanos);
        clients().askAll(clientNanos);
    }

    /** From the last to the first, so that those that leave move nobody who was not asked yet. */
    private void askAll(long nanos) {
        asked = nanos;
        for (int i = size - 1; i >= 0; i--) {
            if (i < size) {
                ask(members[i], nanos);
            }
        }
    }

    /** One member's bug must not stop the clock of all others. */
    private static void ask(Member member, long nanos) {
        try {
            member.tick(nanos);
        } catch (RuntimeException | Error bug) {
            LOG.error("a bug at the tick of {}", member.getClass().getName(), bug);
        }
    }
}
