package weir.tcp;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig;

/**
 * Which service a TCP listener's connections go to, by the server name they ask for: an exact name before a wildcard, a
 * longer wildcard before a shorter one, and {@code service} for the rest. Immutable. O(labels of the name).
 */
final class ServerNames {
    private final ListenerConfig listener;
    private final Map<String, String> exact = new HashMap<>();
    private final Map<String, String> below = new HashMap<>();

    ServerNames(ListenerConfig listener) {
        this.listener = listener;
        for (ListenerConfig.ServerName name : listener.sni()) {
            boolean wildcard = name.host().startsWith("*.");
            (wildcard ? below : exact).put(wildcard ? name.host().substring(1) : name.host(), name.service());
        }
    }

    ListenerConfig listener() {
        return listener;
    }

    /** Whether the name decides. */
    boolean matter() {
        return !listener.sni().isEmpty();
    }

    /** The name of the service; null when there is none. {@code serverName} is in lower case; null for none. */
    @Nullable
    String service(@Nullable String serverName) {
        if (serverName == null) {
            return listener.service();
        }
        String found = exact.get(serverName);
        int dot = serverName.indexOf('.');
        while (found == null && dot >= 0 && !below.isEmpty()) {
            // At least one label stands before the dot.
            found = dot == 0 ? null : below.get(serverName.substring(dot));
            dot = serverName.indexOf('.', dot + 1);
        }
        return found != null ? found : listener.service();
    }
}
