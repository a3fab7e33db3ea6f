package weir.admin;

import java.util.List;

/**
 * Whether the process should get traffic. Immutable.
 *
 * @param reasons what is missing, for people; empty when ready
 */
public record Readiness(State state, List<String> reasons) {
    /** Ready. */
    public static final Readiness READY = new Readiness(State.READY, List.of());

    public Readiness {
        reasons = List.copyOf(reasons);
    }

    /** Not yet: {@code listener web is not bound}, {@code service hello: discovery has not answered}. */
    public static Readiness starting(List<String> reasons) {
        return new Readiness(State.STARTING, reasons);
    }

    /** No longer: {@code shutting down}. */
    public static Readiness draining(List<String> reasons) {
        return new Readiness(State.DRAINING, reasons);
    }

    /** Where the process is in its life. */
    public enum State {
        STARTING,
        READY,
        DRAINING
    }
}
