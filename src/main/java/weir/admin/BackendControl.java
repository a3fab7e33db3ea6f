package weir.admin;

/**
 * What an operator may do to a backend; it survives reload and discovery, not a restart. Called on the control
 * executor. Every method answers false when there is no such service or backend.
 */
public interface BackendControl {
    /** Takes it out softly: no new requests, those under way end. */
    boolean drain(String service, String address);

    /** Takes it out at once. */
    boolean disable(String service, String address);

    /** Takes drain and disable back. */
    boolean enable(String service, String address);

    /** Overrides the weight that discovery reports; 0 gets no traffic. */
    boolean weight(String service, String address, int weight);

    /** Takes the override back. */
    boolean resetWeight(String service, String address);
}
