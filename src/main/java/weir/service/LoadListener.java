package weir.service;

/**
 * Learns of changes of a backend's requests in flight, such as a policy that keeps its backends in order. Called on
 * event loops, by several at once, for every attempt: takes no lock and allocates nothing.
 */
public interface LoadListener {
    /**
     * {@link Backend#inFlight()} of the backend at that place changed, and may have changed again since. The place is
     * the one given to {@link Backend#follow}.
     */
    void loadChanged(int place);
}
