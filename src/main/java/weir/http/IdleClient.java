package weir.http;

/** A client's connection that may be closed when something runs out. Confined to one event loop. */
public interface IdleClient extends Tick.Member {
    /** No time: the connection has a request, or must not be closed for another reason. */
    long BUSY = Long.MAX_VALUE;

    /** Since when it has had no request, in the time of its clock; {@link #BUSY} while it has one. */
    long idleSince();

    /** Whether closing it frees a file descriptor. */
    default boolean hasDescriptor() {
        return true;
    }

    /** Closes it. */
    void evict();
}
