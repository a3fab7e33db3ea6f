package weir.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import weir.config.ConsulConfig.Register;
import weir.config.ConsulConfig.Tls;
import weir.config.ServiceConfig.Consul;

/** The keys under {@code consul}, at the top of the file and in a service. */
final class ConsulShape {
    private static final ConsulConfig DEFAULT = ConsulEnvironment.read(Map.of());
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final TextType<String> NAME = TextType.of(
            "consul-name",
            "a name without spaces, at most 255 characters",
            text -> checked(text, text.length() <= 255 && text.chars().noneMatch(c -> c <= ' ' || c == 0x7f)),
            text -> text,
            Names.TEXT.schema());
    private static final TextType<String> TAG = TextType.of(
            "consul-tag",
            "a tag: text that is not empty",
            text -> checked(text, text.chars().noneMatch(Character::isISOControl)),
            text -> text,
            Names.TEXT.schema());
    private static final TextType<String> EXPRESSION = TextType.of(
            "consul-filter",
            "a filter expression such as 'Service.Meta.version == \"2\"'",
            text -> checked(text, !text.isBlank()),
            text -> text,
            Map.of("type", "string"));
    private static final TextType<String> CHECK_URL = TextType.of(
            "check-url",
            "a URL such as http://10.0.0.5:9900/readyz",
            ConsulShape::parseUrl,
            text -> text,
            Map.of("type", "string", "pattern", "^https?://.+"));
    private static final ListType<String> TAGS = new ListType<>(TAG, "a list of tags such as [v1]");

    private static final Key<String> CA =
            Key.optional("ca", Names.FILE, "Who signs the agents' certificates (PEM); without it, Java's own list.");
    private static final Key<String> CERTIFICATE =
            Key.optional("certificate", Names.FILE, "Weir's own certificate (PEM), where agents ask for one.");
    private static final Key<String> KEY =
            Key.optional("key", Names.FILE, "The private key of the certificate (PEM, PKCS#8).");
    private static final Key<Boolean> VERIFY = Key.of(
            "verify", Numbers.BOOLEAN, true, "Whether the agents' certificates are checked; false trusts anyone.");
    private static final Key<String> SERVER_NAME = Key.optional(
            "server-name",
            Addresses.HOST_FIELD,
            "The name in the agents' certificates; without it, the host of the address.");

    private static final ObjectType<Tls> TLS = ObjectType.of(
            "a mapping with ca, certificate and key",
            List.of(CA, CERTIFICATE, KEY, VERIFY, SERVER_NAME),
            ConsulShape::tls);

    private static final Key<String> REGISTERED_SERVICE =
            Key.required("service", NAME, "The name Weir registers itself under.");
    private static final Key<List<String>> REGISTERED_TAGS =
            Key.of("tags", TAGS, List.of(), "The tags of the registration.");
    private static final Key<String> CHECK = Key.optional(
            "check",
            CHECK_URL,
            "What the agent asks to see whether this Weir is ready; without it, /readyz at the admin address.");

    private static final ObjectType<Register> REGISTER = ObjectType.of(
                    "a service name, or a mapping with service and tags",
                    List.of(REGISTERED_SERVICE, REGISTERED_TAGS, CHECK),
                    section -> new Register(
                            section.get(REGISTERED_SERVICE), section.get(REGISTERED_TAGS), section.find(CHECK)))
            .withShortForm(REGISTERED_SERVICE);

    private static final ListType<Address> AGENTS =
            new ListType<>(Addresses.BACKEND, "a list of addresses such as [127.0.0.1:8500]");
    private static final Key<List<Address>> ADDRESSES = Key.of(
            "addresses", AGENTS, DEFAULT.addresses(), "The agents, tried in turn; by default, CONSUL_HTTP_ADDR.");
    private static final Key<List<Address>> ADDRESS = Key.optional("address", AGENTS, "Short for addresses.");
    private static final Key<String> TOKEN_FILE = Key.optional(
            "token-file", Names.FILE, "A file with the ACL token; without it, CONSUL_HTTP_TOKEN_FILE or _TOKEN.");
    private static final Key<Tls> TLS_KEY =
            Key.optional("tls", TLS, "TLS to the agents; without it, as CONSUL_HTTP_SSL says.");
    private static final Key<Duration> WAIT = Key.of(
            "wait", Durations.POSITIVE, DEFAULT.waitTime(), "How long one question may wait for news, 1s to 10m.");
    private static final Key<Duration> STALE_AFTER = Key.of(
            "stale-after",
            Durations.POSITIVE,
            DEFAULT.staleAfter(),
            "From this age on what Consul said last is called stale: a warning, nothing else.");
    private static final Key<String> CACHE_FILE = Key.optional(
            "cache-file", Names.FILE, "Where the last good answers are kept, to start while Consul is down.");
    private static final Key<Duration> SHRINK_HOLD = Key.of(
            "shrink-hold",
            Durations.DURATION,
            DEFAULT.shrinkHold(),
            "How long instances that vanish too many at once are kept; 0: not at all.");
    private static final Key<Integer> MAX_CONNECTIONS = Key.of(
            "max-connections",
            Numbers.between(1, 10_000),
            DEFAULT.maxConnections(),
            "Connections to the agent; agents take 200 from one client.");
    private static final Key<Register> REGISTER_KEY =
            Key.optional("register", REGISTER, "Registers this Weir itself in Consul.");
    private static final Key<Boolean> ROUTES_FROM_TAGS = Key.of(
            "routes-from-tags", Numbers.BOOLEAN, false, "Whether services make routes by tags such as weir.route=/a.");

    static final ObjectType<ConsulConfig> CONSUL = ObjectType.of(
                    "an address such as 127.0.0.1:8500, or a mapping with addresses",
                    List.of(
                            ADDRESSES,
                            ADDRESS,
                            TOKEN_FILE,
                            TLS_KEY,
                            WAIT,
                            STALE_AFTER,
                            CACHE_FILE,
                            SHRINK_HOLD,
                            MAX_CONNECTIONS,
                            REGISTER_KEY,
                            ROUTES_FROM_TAGS),
                    ConsulShape::consul)
            .withShortForm(ADDRESSES);

    private static final Key<String> SERVICE = Key.required("service", NAME, "The name of the service in Consul.");
    private static final Key<List<String>> SERVICE_TAGS =
            Key.of("tags", TAGS, List.of(), "Instances must have all of these.");
    private static final Key<String> DATACENTER =
            Key.optional("datacenter", NAME, "Another datacenter than the agent's.");
    private static final Key<String> NAMESPACE = Key.optional("namespace", NAME, "The namespace (Consul Enterprise).");
    private static final Key<String> PARTITION =
            Key.optional("partition", NAME, "The admin partition (Consul Enterprise).");
    private static final Key<String> NEAR =
            Key.optional("near", NAME, "Sorts instances by their distance from this node; _agent is the agent's.");
    private static final Key<String> FILTER =
            Key.optional("filter", EXPRESSION, "An expression that instances must meet.");
    private static final Key<String> SERVICE_ADDRESS = Key.of(
            "address",
            Choices.of("consul-address", addressKinds()),
            "lan",
            "Which of its addresses an instance is reached at.");

    static final ObjectType<Consul> SERVICE_CONSUL = ObjectType.of(
                    "a service name, or a mapping with service",
                    List.of(SERVICE, SERVICE_TAGS, DATACENTER, NAMESPACE, PARTITION, NEAR, FILTER, SERVICE_ADDRESS),
                    section -> new Consul(
                            section.get(SERVICE),
                            section.get(SERVICE_TAGS),
                            section.find(DATACENTER),
                            section.find(NAMESPACE),
                            section.find(PARTITION),
                            section.find(NEAR),
                            section.find(FILTER),
                            section.get(SERVICE_ADDRESS)))
            .withShortForm(SERVICE);

    private ConsulShape() {}

    /** The agent for a file that has services of Consul and does not say which; null after a problem. */
    static @Nullable ConsulConfig byEnvironment(Location location, boolean addressed, Source source) {
        try {
            return ConsulEnvironment.read(source.environment(), addressed);
        } catch (InvalidText e) {
            source.problem(location, e.detail(), e.expected(), null);
            return null;
        }
    }

    private static @Nullable ConsulConfig consul(Section section) {
        if (section.has(ADDRESS) && section.has(ADDRESSES)) {
            section.problem(section.keyAt(ADDRESS), "address: beside addresses", "one of the two");
        }
        Key<List<Address>> written = section.has(ADDRESS) ? ADDRESS : ADDRESSES;
        if (section.isEmpty(written)) {
            section.problem(section.at(written), written.name() + ": none", "at least one agent");
        }
        checkTimes(section);
        ConsulConfig agent = byEnvironment(section.location(), !section.has(written), section.source());
        if (agent == null) {
            return null;
        }
        List<Address> addresses = section.find(written);
        Tls tls = section.find(TLS_KEY);
        String tokenFile = file(section, TOKEN_FILE);
        return new ConsulConfig(
                section.has(written) && addresses != null ? addresses : agent.addresses(),
                tokenFile != null ? tokenFile : agent.tokenFile(),
                tls != null ? tls : agent.tls(),
                section.get(WAIT),
                section.get(STALE_AFTER),
                file(section, CACHE_FILE),
                section.get(SHRINK_HOLD),
                section.get(MAX_CONNECTIONS),
                section.find(REGISTER_KEY),
                section.get(ROUTES_FROM_TAGS));
    }

    private static void checkTimes(Section section) {
        Duration wait = section.get(WAIT);
        if (wait.compareTo(SHORTEST_WAIT) < 0 || wait.compareTo(LONGEST_WAIT) > 0) {
            section.problem(section.at(WAIT), "wait: " + text(wait), "from 1s to 10m, which is what Consul allows");
        }
        // Consul answers a question without news after wait and up to a sixteenth of it.
        if (section.get(STALE_AFTER).compareTo(wait.plus(wait.dividedBy(16))) <= 0) {
            section.problem(
                    section.has(STALE_AFTER) ? section.at(STALE_AFTER) : section.at(WAIT),
                    "stale-after: " + text(section.get(STALE_AFTER)) + ": a question may wait for " + text(wait)
                            + " and a sixteenth of it",
                    "longer than that, or a shorter wait");
        }
    }

    private static String text(Duration duration) {
        return Durations.DURATION.format().apply(duration);
    }

    private static Tls tls(Section section) {
        if (section.has(CERTIFICATE) != section.has(KEY)) {
            Key<?> there = section.has(KEY) ? KEY : CERTIFICATE;
            Key<?> missing = section.has(KEY) ? CERTIFICATE : KEY;
            section.problem(
                    section.keyAt(there), there.name() + ": without " + missing.name(), "both, or neither of them");
        }
        return new Tls(
                file(section, CA),
                file(section, CERTIFICATE),
                file(section, KEY),
                section.get(VERIFY),
                section.find(SERVER_NAME));
    }

    private static @Nullable String file(Section section, Key<String> key) {
        String path = section.find(key);
        return path == null ? null : section.source().resolve(path);
    }

    private static Map<String, String> addressKinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        for (String kind : List.of("lan", "wan", "lan_ipv4", "lan_ipv6", "wan_ipv4", "wan_ipv6")) {
            kinds.put(kind, kind);
        }
        return kinds;
    }

    private static String checked(String text, boolean good) throws InvalidText {
        if (!good || text.isEmpty()) {
            throw InvalidText.plain();
        }
        return text;
    }

    private static String parseUrl(String text) throws InvalidText {
        try {
            URI url = new URI(text);
            boolean http = Objects.equals(url.getScheme(), "http") || Objects.equals(url.getScheme(), "https");
            return checked(text, http && url.getHost() != null);
        } catch (URISyntaxException e) {
            throw InvalidText.plain();
        }
    }
}
