package weir.admin;

import java.util.ArrayList;
import java.util.List;
import weir.service.Reason;
import weir.service.Unavailability;

/**
 * A backend of the service a request would go to. Immutable.
 *
 * @param state as in {@link BackendStatus#state()}
 * @param pickable whether it may be picked now
 * @param why why it may, or may not
 */
public record Candidate(String address, int weight, String state, boolean pickable, String why) {
    /** The backends of a service; when none is available, the ones that are only ejected may be picked (panic). */
    public static List<Candidate> of(ServiceStatus service) {
        boolean panic = service.backends().stream().noneMatch(b -> b.state().equals(BackendStatus.AVAILABLE));
        List<Candidate> candidates = new ArrayList<>();
        for (BackendStatus b : service.backends()) {
            boolean available = b.state().equals(BackendStatus.AVAILABLE);
            boolean desperate = panic && onlyEjected(b);
            candidates.add(new Candidate(
                    b.address(), b.weight(), b.state(), available || desperate, why(b, available, desperate)));
        }
        return candidates;
    }

    private static boolean onlyEjected(BackendStatus b) {
        return b.weight() > 0
                && !b.reasons().isEmpty()
                && b.reasons().stream().allMatch(r -> r.reason() == Reason.EJECTED);
    }

    private static String why(BackendStatus b, boolean available, boolean desperate) {
        if (available) {
            return "no reason stands against it";
        }
        if (desperate) {
            return "no backend is available, so ejected ones are picked; " + reasons(b);
        }
        return b.reasons().isEmpty() ? "its weight is 0" : reasons(b);
    }

    private static String reasons(BackendStatus b) {
        StringBuilder text = new StringBuilder();
        for (Unavailability r : b.reasons()) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append(r.reason().text())
                    .append(" since ")
                    .append(r.since());
            if (r.until() != null) {
                text.append(" until ").append(r.until());
            }
            text.append(": ").append(r.why());
        }
        return text.toString();
    }
}
