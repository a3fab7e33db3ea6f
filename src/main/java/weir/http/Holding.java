package weir.http;

/**
 * The share of the loop's budget that one client's connection holds, whatever the protocol. Parts are counted by whoever holds them,
 * with {@link #change} or {@link #add}. Confined to one event loop.
 */
public final class Holding {
    private final ByteBudget budget;
    private final Holder holder;
    private long bytes;
    private long since;
    private int output;
    private int place = -1;
    private boolean progressed;
    private boolean stopped;

    /** The connection. */
    public interface Holder {
        /** It may read again, or must not: {@link Holding#stopped()} has changed. */
        void regulate();

        /** Closes when no request is under way; whether it does. */
        boolean closeIfIdle();

        /** Ends at once, by a reset, since it holds too much and makes no progress. */
        void reset();
    }

    /** The count of that connection; nothing is held yet. */
    public Holding(ByteBudget budget, Holder holder) {
        this.budget = budget;
        this.holder = holder;
    }

    /** The connection begins. */
    public void join(long nowNanos) {
        if (place < 0) {
            since = nowNanos;
            budget.join(this);
        }
    }

    /** The connection is over: whatever it held is let go, also what its parts give back later. */
    public void leave() {
        if (place >= 0) {
            budget.leave(this);
            place = -1;
            budget.change(-bytes);
            bytes = 0;
            stopped = false;
        }
    }

    /** Whether nothing is held. */
    public boolean isEmpty() {
        return bytes == 0;
    }

    int place() {
        return place;
    }

    void place(int at) {
        place = at;
    }

    long bytes() {
        return bytes;
    }

    /** A part has so many bytes now, and had so many before; returns the new number, to be kept. */
    public int change(int before, int now) {
        if (before != now) {
            add((long) now - before);
        }
        return now;
    }

    /** So many bytes more are held, or less. */
    public void add(long n) {
        if (place < 0) {
            return;
        }
        bytes += n;
        progressed |= n < 0;
        budget.change(n);
        if (n > 0 && bytes > budget.share()) {
            stopped = true;
        }
    }

    /** Counts bytes that a larger flow-control window allows the peer to send; false when the loop's budget has no room. */
    public boolean grant(long n) {
        if (place < 0 || !budget.grant(n)) {
            return false;
        }
        add(n);
        return true;
    }

    /** Releases bytes counted by {@link #grant}. */
    public void giveBack(long n) {
        budget.giveBack(n);
        add(-n);
    }

    /** So many bytes are written and not taken by the socket. */
    public void output(long pending) {
        output = change(output, (int) Math.min(Integer.MAX_VALUE, pending));
    }

    /** The client has taken something. */
    public void progress() {
        progressed = true;
    }

    /** Whether it holds more than its share, and reads nothing more, of the client or for it. */
    public boolean stopped() {
        return stopped;
    }

    /** Whether the connection is to close behind the response. */
    public boolean closes() {
        return budget.closesIdle();
    }

    /** Notes progress and stops or goes on; whether it was stopped by this. */
    boolean regulate(long nowNanos) {
        if (progressed || bytes == 0) {
            progressed = false;
            since = nowNanos;
        }
        boolean much = bytes > budget.share();
        boolean before = stopped;
        stopped = much || (before && bytes > budget.share() / 2);
        if (before || stopped) {
            holder.regulate();
        }
        return stopped && !before;
    }

    boolean closeIfIdle() {
        return holder.closeIfIdle();
    }

    boolean stalled(long nowNanos, long limitNanos) {
        return nowNanos - since >= limitNanos;
    }

    void reset() {
        holder.reset();
        leave();
    }
}
