package weir.discovery;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.annotations.SerializedName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers of {@code /v1/health/service/NAME}: which instances there are, where, with what weight, and what stands
 * against them. All checks of node and service count. Immutable.
 */
final class ConsulHealth {
    private static final Gson GSON =
            new GsonBuilder().setStrictness(Strictness.STRICT).create();
    private static final String NODE_MAINTENANCE = "_node_maintenance";
    private static final String SERVICE_MAINTENANCE = "_service_maintenance:";
    /** What Consul notes of its own nodes. */
    private static final String INTERNAL_META = "consul-";

    private static final int LONGEST_REASON = 200;

    private record Entry(
            @SerializedName("Node") @Nullable Node node,
            @SerializedName("Service") @Nullable Registration service,
            @SerializedName("Checks") @Nullable List<Check> checks) {}

    private record Node(
            @SerializedName("Node") @Nullable String name,
            @SerializedName("Address") @Nullable String address,
            @SerializedName("TaggedAddresses") @Nullable Map<String, String> taggedAddresses,
            @SerializedName("Meta") @Nullable Map<String, String> meta,
            @SerializedName("Locality") @Nullable Locality locality) {}

    private record Registration(
            @SerializedName("ID") @Nullable String id,
            @SerializedName("Address") @Nullable String address,
            @SerializedName("Port") int port,
            @SerializedName("TaggedAddresses") @Nullable Map<String, Tagged> taggedAddresses,
            @SerializedName("Tags") @Nullable List<String> tags,
            @SerializedName("Meta") @Nullable Map<String, String> meta,
            @SerializedName("Weights") @Nullable Weights weights,
            @SerializedName("Locality") @Nullable Locality locality) {}

    private record Tagged(
            @SerializedName("Address") @Nullable String address,
            @SerializedName("Port") int port) {}

    private record Weights(
            @SerializedName("Passing") @Nullable Integer passing,
            @SerializedName("Warning") @Nullable Integer warning) {}

    private record Locality(
            @SerializedName("Zone") @Nullable String zone) {}

    private record Check(
            @SerializedName("CheckID") @Nullable String id,
            @SerializedName("Name") @Nullable String name,
            @SerializedName("Status") @Nullable String status,
            @SerializedName("Notes") @Nullable String notes,
            @SerializedName("Output") @Nullable String output) {}

    private record Place(String host, int port) {}

    private final String choice;
    private final UnaryOperator<@Nullable String> resolver;

    /**
     * A reader.
     *
     * @param choice the address wanted: lan, wan, or one of these with _ipv4 or _ipv6
     * @param resolver gives the IP literal of a host, null when it has none
     */
    ConsulHealth(String choice, UnaryOperator<@Nullable String> resolver) {
        this.choice = choice;
        this.resolver = resolver;
    }

    /**
     * The instances in the order of the answer; those without port or address are left out.
     *
     * @throws ConsulFailure when the answer is torn or of another form
     */
    List<ConsulInstance> instances(@Nullable String json) throws ConsulFailure {
        Entry @Nullable [] entries;
        try {
            entries = GSON.fromJson(json, Entry[].class);
        } catch (JsonParseException e) {
            throw malformed("no valid JSON");
        }
        if (entries == null) {
            throw malformed("empty body");
        }
        List<ConsulInstance> instances = new ArrayList<>(entries.length);
        for (Entry entry : entries) {
            if (entry == null || entry.node == null || entry.service == null) {
                throw malformed("an instance without node or service");
            }
            ConsulInstance instance = instance(entry.node, entry.service, entry.checks);
            if (instance != null) {
                instances.add(instance);
            }
        }
        return instances;
    }

    private @Nullable ConsulInstance instance(Node node, Registration service, @Nullable List<Check> checks) {
        Place place = place(node, service);
        String ip = place == null || place.port <= 0 ? null : resolver.apply(place.host);
        if (place == null || ip == null) {
            return null;
        }
        Map<String, String> meta = new HashMap<>();
        put(meta, node.meta);
        put(meta, service.meta);
        Verdict verdict = verdict(checks == null ? List.of() : checks);
        Weights weights = service.weights;
        Integer weight = weights == null ? null : verdict.warning ? weights.warning : weights.passing;
        return new ConsulInstance(
                node.name + "/" + service.id,
                place.host,
                ip,
                place.port,
                weight == null ? 1 : Math.max(0, weight),
                zone(node, service, meta),
                service.tags == null ? List.of() : service.tags,
                meta,
                verdict.against);
    }

    private static void put(Map<String, String> meta, @Nullable Map<String, String> more) {
        if (more != null) {
            more.forEach((key, value) -> {
                if (!key.startsWith(INTERNAL_META)) {
                    meta.put(key, value == null ? "" : value);
                }
            });
        }
    }

    private static @Nullable String zone(Node node, Registration service, Map<String, String> meta) {
        String named = meta.get("zone");
        if (named != null) {
            return named.isEmpty() ? null : named;
        }
        Locality locality = service.locality != null ? service.locality : node.locality;
        return locality == null || locality.zone == null || locality.zone.isEmpty() ? null : locality.zone;
    }

    /** As Consul itself translates addresses: the service's tagged address, its own, the node's tagged one, its own. */
    private @Nullable Place place(Node node, Registration service) {
        Tagged tagged = service.taggedAddresses == null ? null : service.taggedAddresses.get(choice);
        if (tagged != null && tagged.address != null && !tagged.address.isEmpty()) {
            return new Place(tagged.address, tagged.port > 0 ? tagged.port : service.port);
        }
        if (service.address != null && !service.address.isEmpty()) {
            return new Place(service.address, service.port);
        }
        String address = node.taggedAddresses == null ? null : node.taggedAddresses.get(choice);
        if (address == null || address.isEmpty()) {
            address = node.address;
        }
        return address == null || address.isEmpty() ? null : new Place(address, service.port);
    }

    private record Verdict(@Nullable String against, boolean warning) {}

    private static Verdict verdict(List<Check> checks) {
        @Nullable String critical = null;
        boolean warning = false;
        for (Check check : checks) {
            String id = String.valueOf(check.id);
            if (id.equals(NODE_MAINTENANCE) || id.startsWith(SERVICE_MAINTENANCE)) {
                return new Verdict(line("maintenance", check.notes), false);
            }
            String status = String.valueOf(check.status).toLowerCase(Locale.ROOT);
            if (status.equals("warning")) {
                warning = true;
            } else if (!status.equals("passing") && critical == null) {
                critical = line(
                        status + ": check " + (check.name == null || check.name.isEmpty() ? id : check.name),
                        check.output);
            }
        }
        return new Verdict(critical, warning);
    }

    /** One line, and not a longer one than people read; the first line of a check's output says enough. */
    private static String line(String what, @Nullable String detail) {
        if (detail == null || detail.isBlank()) {
            return what;
        }
        String first = detail.strip().lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", " ");
        return what + ": " + (first.length() > LONGEST_REASON ? first.substring(0, LONGEST_REASON) + "…" : first);
    }

    private static ConsulFailure malformed(String what) {
        return new ConsulFailure(ConsulFailure.Kind.MALFORMED, "malformed answer: " + what);
    }
}
