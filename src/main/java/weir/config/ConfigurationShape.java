package weir.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerShape.NamedService;
import weir.config.ListenerShape.ReadListener;
import weir.config.RouteShape.ReadRoute;

/** The whole file: its top-level keys, and the checks that look at more than one of them. */
final class ConfigurationShape {
    static final Key<Map<String, ReadListener>> LISTENERS = Key.required(
            "listeners",
            new MapType<>(Names.NAME_TYPE, ListenerShape.LISTENER, "a mapping from listener names to addresses"),
            Map.of(),
            "The sockets that accept connections, by name.");
    static final Key<List<ReadRoute>> ROUTES = Key.of(
            "routes",
            new ListType<>(RouteShape.ROUTE, "a list of routes"),
            List.of(),
            "Which requests go where. The first route that matches wins.");
    static final Key<Map<String, ServiceConfig>> SERVICES = Key.of(
            "services",
            new MapType<>(Names.NAME_TYPE, ServiceShape.SERVICE, "a mapping from service names to services"),
            Map.of(),
            "The sets of backends, by name.");
    private static final Key<ConsulConfig> CONSUL = Key.optional(
            "consul", ConsulShape.CONSUL, "How Weir talks to Consul, for services with the key of the same name.");
    private static final Key<LimitsConfig> LIMITS =
            Key.of("limits", LimitsShape.LIMITS, LimitsConfig.DEFAULT, "What clients may send, and for how long.");
    private static final Key<List<Cidr>> TRUSTED_PROXIES = Key.of(
            "trusted-proxies",
            new ListType<>(Addresses.NETWORK, "a list of networks such as [10.0.0.0/8]"),
            List.of(),
            "Peers whose X-Forwarded-*, Forwarded and X-Request-Id fields are believed.");
    private static final Key<AccessLogConfig> ACCESS_LOG =
            Key.of("access-log", ProcessShape.ACCESS_LOG, AccessLogConfig.DEFAULT, "The line for every request.");
    private static final Key<ProcessShape.ReadAdmin> ADMIN = Key.of(
            "admin",
            ProcessShape.ADMIN,
            new ProcessShape.ReadAdmin(AdminConfig.DEFAULT, Location.UNKNOWN),
            "The admin API.");
    private static final Key<ShutdownConfig> SHUTDOWN =
            Key.of("shutdown", ProcessShape.SHUTDOWN, ShutdownConfig.DEFAULT, "How the process stops.");
    private static final Key<ThreadsConfig> THREADS = Key.of(
            "threads",
            ProcessShape.THREADS,
            ThreadsConfig.AUTO,
            "Event loops: auto is one for each core. A change needs a restart.");

    static final ObjectType<Configuration> CONFIGURATION = ObjectType.of(
            "a mapping with listeners, routes and services",
            List.of(LISTENERS, ROUTES, SERVICES, CONSUL, LIMITS, TRUSTED_PROXIES, ACCESS_LOG, ADMIN, SHUTDOWN, THREADS),
            ConfigurationShape::configuration);

    private ConfigurationShape() {}

    private static @Nullable Configuration configuration(Section section) {
        Map<String, ReadListener> listeners = section.get(LISTENERS);
        if (section.isEmpty(LISTENERS)) {
            section.problem(section.at(LISTENERS), "listeners: none", "at least one listener");
        }
        ProcessShape.ReadAdmin admin = section.get(ADMIN);
        AddressCheck.check(listeners.values(), admin, section.source());
        Map<String, ListenerConfig> accepting = new LinkedHashMap<>();
        listeners.forEach((name, read) -> accepting.put(name, read.listener()));
        ConsulConfig consul = consul(section);
        checkListeners(section, listeners.values());
        return new Configuration(
                accepting,
                routes(section, consul),
                section.get(SERVICES),
                section.get(LIMITS),
                section.get(TRUSTED_PROXIES),
                section.get(ACCESS_LOG),
                admin.admin(),
                section.get(SHUTDOWN),
                section.get(THREADS),
                consul);
    }

    private static @Nullable ConsulConfig consul(Section section) {
        boolean used = section.get(SERVICES).values().stream().anyMatch(service -> service.consul() != null);
        return used && !section.has(CONSUL)
                ? ConsulShape.byEnvironment(section.at(SERVICES), true, section.source())
                : section.find(CONSUL);
    }

    /** A TCP listener names its services itself; they need no route. */
    private static void checkListeners(Section section, Collection<ReadListener> listeners) {
        boolean nobodyTrusted =
                !section.failed(TRUSTED_PROXIES) && section.get(TRUSTED_PROXIES).isEmpty();
        for (ReadListener read : listeners) {
            if (nobodyTrusted && read.listener().proxyProtocol() != ProxyProtocol.OFF) {
                section.problem(
                        read.proxyProtocolAt(),
                        "proxy-protocol: nobody may send it",
                        "the addresses of its senders in trusted-proxies");
            }
        }
        if (section.failed(SERVICES)) {
            return;
        }
        Set<String> services = section.names(SERVICES).keySet();
        for (ReadListener listener : listeners) {
            for (NamedService service : listener.services()) {
                checkService(service.name(), service.at(), services, section.source());
                checkWire(section, service);
            }
        }
    }

    private static void checkWire(Section section, NamedService named) {
        ServiceConfig service = section.get(SERVICES).get(named.name());
        ServiceConfig.Protocol protocol =
                service == null ? ServiceConfig.Protocol.HTTP : service.wire().protocol();
        if (protocol != ServiceConfig.Protocol.HTTP && protocol != ServiceConfig.Protocol.TLS) {
            section.problem(
                    named.at(),
                    "service: " + named.name() + ": its protocol is " + Choices.word(protocol),
                    "a service without protocol, or with protocol: tls, as the bytes of TCP are passed on as they are");
        }
    }

    /** Requests need a protocol that has them. */
    private static void checkRequests(Section section, String name, Location at) {
        ServiceConfig service = section.get(SERVICES).get(name);
        if (service != null && service.wire().protocol() == ServiceConfig.Protocol.TLS) {
            section.problem(
                    at,
                    "service: " + name + ": its protocol is tls, which is for TCP listeners",
                    "a service with protocol: https or h2");
        }
    }

    private static List<RouteConfig> routes(Section section, @Nullable ConsulConfig consul) {
        List<ReadRoute> routes = section.get(ROUTES);
        Map<String, Location> services = section.names(SERVICES);
        boolean fromTags = consul != null && consul.routesFromTags();
        if (!fromTags && (!section.has(ROUTES) || section.isEmpty(ROUTES))) {
            checkReached(section, services.keySet());
        }
        if (!section.failed(SERVICES)) {
            for (ReadRoute read : routes) {
                String service = read.route().service();
                if (service != null) {
                    checkService(service, read.serviceAt(), services.keySet(), section.source());
                    checkRequests(section, service, read.serviceAt());
                }
            }
        }
        if (!section.failed(CONSUL)) {
            checkMarks(routes, fromTags, section.source());
        }
        return RouteNames.assign(routes, section.source());
    }

    /** Without a route only TCP listeners lead anywhere. */
    private static void checkReached(Section section, Set<String> services) {
        Collection<ReadListener> listeners = section.get(LISTENERS).values();
        Set<String> unreached = new LinkedHashSet<>(services);
        listeners.forEach(read -> read.services().forEach(service -> unreached.remove(service.name())));
        boolean http = listeners.isEmpty()
                || listeners.stream().anyMatch(read -> read.listener().protocol() == ListenerConfig.Protocol.HTTP);
        if (!unreached.isEmpty() && (http || unreached.size() == services.size())) {
            String first = Problem.shown(unreached.iterator().next());
            section.problem(
                    section.has(ROUTES) ? section.at(ROUTES) : section.keyAt(SERVICES),
                    "routes: none leads to the services",
                    "at least one route, such as {path: /, service: " + first + "}");
        }
    }

    private static void checkMarks(List<ReadRoute> routes, boolean wanted, Source source) {
        List<Location> marks = routes.stream()
                .filter(ReadRoute::mark)
                .map(read -> read.route().location())
                .toList();
        for (Location mark : marks.subList(Math.min(1, marks.size()), marks.size())) {
            source.problem(
                    mark,
                    "from-tags: twice",
                    "once; the first is at line " + marks.get(0).line(),
                    null);
        }
        if (!marks.isEmpty() && !wanted) {
            source.problem(
                    marks.get(0), "from-tags: no routes come from tags", "routes-from-tags: true under consul", null);
        }
    }

    private static void checkService(String service, Location at, Set<String> services, Source source) {
        if (!services.contains(service)) {
            String expected = services.isEmpty() || services.size() > 10
                    ? "the name of a service under services"
                    : Problem.oneOf(services);
            source.problem(
                    at,
                    "service: " + Problem.shown(service) + ": unknown service",
                    expected,
                    source.keepsMore() ? Suggestion.nearest(service, services) : null);
        }
    }
}
