package weir.service;

/** Learns how attempts end: the ejector. Called on every event loop, for each attempt; thread-safe and quick. */
public interface OutcomeListener {
    /** A response came whose status is no error. */
    void succeeded(Service service, Backend backend);

    /** The attempt failed; {@code status} is 0 unless the outcome is {@link Outcome#RESPONSE}. */
    void failed(Service service, Backend backend, Outcome outcome, int status);
}
