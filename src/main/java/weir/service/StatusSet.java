package weir.service;

import java.util.Collection;

/** A set of response statuses that answers without boxing. Immutable. */
public final class StatusSet {
    private static final int LIMIT = 600;

    private final boolean[] members = new boolean[LIMIT];

    private StatusSet() {}

    /** The set of these statuses; those outside 0 to 599 are left out. */
    public static StatusSet of(Collection<Integer> statuses) {
        StatusSet set = new StatusSet();
        for (int status : statuses) {
            if (status >= 0 && status < LIMIT) {
                set.members[status] = true;
            }
        }
        return set;
    }

    /** Whether the status is one of them. */
    public boolean contains(int status) {
        return status >= 0 && status < LIMIT && members[status];
    }
}
