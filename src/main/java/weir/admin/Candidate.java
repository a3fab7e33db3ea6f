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
    static List<Candidate> of(ServiceStatus service) {
        boolean panic = service.backends().stream().noneMatch(BackendStatus::available);
        int limit = service.requestsPerBackend();
        List<Candidate> candidates = new ArrayList<>();
        for (BackendStatus b : service.backends()) {
            boolean picked = b.available() || (panic && onlyEjected(b));
            boolean full = picked && limit > 0 && b.inFlight() >= limit;
            String why = full ? b.inFlight() + " of " + limit + " requests are in flight" : why(b);
            candidates.add(new Candidate(b.address(), b.weight(), b.state(), picked && !full, why));
        }
        return candidates;
    }

    private static boolean onlyEjected(BackendStatus b) {
        return b.weight() > 0 && b.reasons().size() == 1 && b.reasons().get(0).reason() == Reason.EJECTED;
    }

    private static String why(BackendStatus b) {
        if (b.available()) {
            return "no reason stands against it";
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
