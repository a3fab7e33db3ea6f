package weir.discovery;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of all checks of many services at one moment, boiled down to one number for each service and each node: two
 * of them tell which services to read again. Immutable.
 */
record ConsulStates(Map<String, Integer> services, Map<String, Integer> nodes) {
    /** No check yet. */
    static final ConsulStates NONE = new ConsulStates(Map.of(), Map.of());

    /**
     * Reads an answer of {@code /v1/health/state/any}.
     *
     * @throws ConsulFailure when it is torn or of another form
     */
    static ConsulStates of(@Nullable String json) throws ConsulFailure {
        Map<String, Integer> services = new HashMap<>();
        Map<String, Integer> nodes = new HashMap<>();
        try (JsonReader reader = new JsonReader(new StringReader(json == null ? "" : json))) {
            reader.beginArray();
            while (reader.hasNext()) {
                check(reader, services, nodes);
            }
            reader.endArray();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException("more than one value");
            }
        } catch (IOException | IllegalStateException | JsonParseException e) {
            throw new ConsulFailure(ConsulFailure.Kind.MALFORMED, "malformed answer: no valid JSON");
        }
        return new ConsulStates(services, nodes);
    }

    private static void check(JsonReader reader, Map<String, Integer> services, Map<String, Integer> nodes)
            throws IOException {
        String node = "";
        String service = "";
        int hash = 1;
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (reader.peek() != JsonToken.STRING) {
                reader.skipValue();
                continue;
            }
            String value = reader.nextString();
            switch (name) {
                case "Node" -> node = value;
                case "ServiceName" -> service = value;
                case "CheckID", "Status", "ServiceID" -> hash += (name.hashCode() ^ value.hashCode()) * name.length();
                default -> {}
            }
        }
        reader.endObject();
        // A sum, mixed first, does not mind the order of the checks.
        int mixed = (hash * 31 + node.hashCode()) * 0x9E3779B1;
        mixed ^= mixed >>> 15;
        (service.isEmpty() ? nodes : services).merge(service.isEmpty() ? node : service, mixed, Integer::sum);
    }

    /** Whether something about the service, or about one of the nodes it runs on, differs. */
    boolean differs(ConsulStates other, String service, @Nullable Set<String> itsNodes) {
        if (!services.getOrDefault(service, 0).equals(other.services.getOrDefault(service, 0))) {
            return true;
        }
        return itsNodes != null && differs(other.nodes, itsNodes);
    }

    private boolean differs(Map<String, Integer> others, Collection<String> names) {
        for (String name : names) {
            if (!nodes.getOrDefault(name, 0).equals(others.getOrDefault(name, 0))) {
                return true;
            }
        }
        return false;
    }
}
