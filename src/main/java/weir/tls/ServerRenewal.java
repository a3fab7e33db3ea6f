package weir.tls;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up certificates, keys and other files of TLS that changed while the configuration did not. A change that is no
 * good leaves what is in force there, and is said. Confined to the control thread.
 */
public final class ServerRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRenewal.class);

    private final ServerContexts contexts;
    private final Map<String, Watched> watched = new HashMap<>();

    private record Watched(ServerTls tls, MaterialWatch watch) {}

    /** Makes what is new by those contexts. */
    public ServerRenewal(ServerContexts contexts) {
        this.contexts = contexts;
    }

    /** What the files of a listener come to now; what is in force when they did not change, or to nothing good. */
    public ServerTls look(String listener, ServerTls inForce) {
        Watched known = watched.get(listener);
        if (known == null || known.tls() != inForce) {
            known = new Watched(inForce, new MaterialWatch(inForce.configuration()));
            watched.put(listener, known);
        }
        if (!known.watch().look()) {
            return inForce;
        }
        ServerTls next;
        try {
            next = contexts.of(inForce.configuration(), inForce.protocols(), inForce);
        } catch (IOException e) {
            LOG.error("listener {}: changed TLS files are no good, the old ones stay:\n{}", listener, e.getMessage());
            return inForce;
        }
        if (next != inForce) {
            watched.put(listener, new Watched(next, known.watch()));
        }
        return next;
    }

    /** Forgets listeners that are not among these. */
    public void keep(Set<String> listeners) {
        watched.keySet().retainAll(listeners);
    }
}
