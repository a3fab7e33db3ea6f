package weir.discovery;

import org.jspecify.annotations.Nullable;

/**
 * An answer of Consul: 200, or the 404 of a key that is not there. Immutable.
 *
 * @param index {@code X-Consul-Index}; at least 1, 0 when there was none
 * @param knownLeader whether the server that answered knew a leader; true where it does not say
 * @param filteredByAcls whether the server says that it left something out for want of rights
 */
public record ConsulReply(int status, @Nullable String body, long index, boolean knownLeader, boolean filteredByAcls) {
    /** Whether there is what was asked for. */
    public boolean found() {
        return status != 404;
    }
}
