package weir.discovery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weir.config.Configuration;
import weir.config.Location;
import weir.config.RefusedTag;
import weir.config.RouteConfig;
import weir.config.RouteConfig.HeaderEdits;
import weir.config.RouteConfig.HostHeader;
import weir.config.RouteTag;
import weir.config.ServiceConfig;

/**
 * A configuration together with the routes and services that tags in Consul's catalogue ask for. Immutable.
 *
 * @param configuration what is to be in force: every route in its place, none of them a mark
 * @param routes how many of the routes come from tags
 * @param refused tags that make no route; they hinder no other
 */
public record TaggedRoutes(Configuration configuration, int routes, List<RefusedTag> refused) {
    private static final Comparator<Made> ORDER = Comparator.comparingInt((Made made) -> rank(made.tag.host()))
            .thenComparing(made -> made.tag.path().length(), Comparator.reverseOrder())
            .thenComparing(made -> made.tag.target().length(), Comparator.reverseOrder())
            .thenComparing(made -> made.tag.target());

    public TaggedRoutes {
        refused = List.copyOf(refused);
    }

    /** A route to be made. */
    private record Made(RouteTag tag, String service) {}

    /**
     * Puts the routes of the catalogue where {@code from-tags: true} stands, else before the first route that matches
     * every request. Among themselves: exact hosts first, then the longest path, then by name.
     *
     * @param catalogue services with the tags of all their instances
     */
    public static TaggedRoutes of(Configuration file, Map<String, List<String>> catalogue) {
        List<RefusedTag> refused = new ArrayList<>();
        List<Made> made = made(file, new TreeMap<>(catalogue), refused);
        made.sort(ORDER);
        Map<String, ServiceConfig> services = new LinkedHashMap<>(file.services());
        made.forEach(route -> services.computeIfAbsent(route.service, TaggedRoutes::service));
        return new TaggedRoutes(with(file, inPlace(file.routes(), routes(file, made)), services), made.size(), refused);
    }

    private static int rank(@Nullable String host) {
        if (host == null) {
            return 2;
        }
        return host.startsWith("*.") ? 1 : 0;
    }

    private static List<Made> made(
            Configuration file, SortedMap<String, List<String>> catalogue, List<RefusedTag> refused) {
        Map<String, String> ofFile = new HashMap<>();
        file.routes().forEach(route -> {
            if (claimsAll(route)) {
                ofFile.putIfAbsent(target(route), route.name());
            }
        });
        Map<String, Made> made = new LinkedHashMap<>();
        catalogue.forEach((service, tags) -> {
            for (String tag : new TreeSet<>(tags)) {
                if (RouteTag.is(tag)) {
                    String why = refusal(service, tag, file, ofFile, made);
                    if (why != null) {
                        refused.add(new RefusedTag(service, tag, why));
                    }
                }
            }
        });
        return new ArrayList<>(made.values());
    }

    /** Takes one tag, or says why not. */
    private static @Nullable String refusal(
            String service, String text, Configuration file, Map<String, String> ofFile, Map<String, Made> made) {
        ServiceConfig same = file.services().get(service);
        if (same != null && (same.consul() == null || !same.consul().service().equals(service))) {
            return "the configuration has another service of this name";
        }
        if (!ServiceConfig.isName(service)) {
            return "the service's name cannot be one here (expected: letters, digits, '.', '_' and '-', at most 100)";
        }
        RouteTag tag;
        try {
            tag = RouteTag.parse(text);
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
        String owner = ofFile.get(tag.target());
        if (owner != null) {
            return "the configuration has a route for " + tag.target() + " (" + owner + ')';
        }
        Made earlier = made.putIfAbsent(tag.target(), new Made(tag, service));
        if (earlier == null || earlier.equals(new Made(tag, service))) {
            return null;
        }
        return earlier.service.equals(service)
                ? "another tag of the service has " + tag.target() + " with another strip"
                : "service " + earlier.service + " has " + tag.target();
    }

    /** Whether a route of the file takes everything of its host and path. */
    private static boolean claimsAll(RouteConfig route) {
        return !route.fromTags()
                && route.exactPath() == null
                && route.pathRegex() == null
                && route.methods().isEmpty()
                && route.headers().isEmpty();
    }

    private static String target(RouteConfig route) {
        return Objects.requireNonNullElse(route.host(), "") + Objects.requireNonNullElse(route.path(), "/");
    }

    private static List<RouteConfig> routes(Configuration file, List<Made> made) {
        Set<String> taken = new HashSet<>();
        file.routes().forEach(route -> taken.add(route.name()));
        List<RouteConfig> routes = new ArrayList<>(made.size());
        for (Made route : made) {
            String name = route.tag.target();
            for (int i = 2; !taken.add(name); i++) {
                name = route.tag.target() + '#' + i;
            }
            routes.add(new RouteConfig(
                    name,
                    route.tag.host(),
                    route.tag.path(),
                    null,
                    null,
                    List.of(),
                    Map.of(),
                    route.service,
                    null,
                    null,
                    route.tag.stripPrefix(),
                    HostHeader.KEEP,
                    HeaderEdits.NONE,
                    HeaderEdits.NONE,
                    null,
                    new Location("consul:" + route.service, 0, 0)));
        }
        return routes;
    }

    private static List<RouteConfig> inPlace(List<RouteConfig> file, List<RouteConfig> added) {
        List<RouteConfig> all = new ArrayList<>(file.size() + added.size());
        boolean marked = file.stream().anyMatch(RouteConfig::fromTags);
        boolean placed = false;
        for (RouteConfig route : file) {
            if (!placed && (marked ? route.fromTags() : route.matchesAll())) {
                all.addAll(added);
                placed = true;
            }
            if (!route.fromTags()) {
                all.add(route);
            }
        }
        if (!placed) {
            all.addAll(added);
        }
        return all;
    }

    private static ServiceConfig service(String name) {
        return new ServiceConfig(
                name,
                ServiceConfig.Balance.ROUND_ROBIN,
                List.of(),
                ServiceConfig.DEFAULT_DNS_REFRESH,
                null,
                ServiceConfig.Ejection.DEFAULT,
                ServiceConfig.Retry.DEFAULT,
                ServiceConfig.Timeouts.DEFAULT,
                ServiceConfig.Limits.DEFAULT,
                ServiceConfig.Pool.DEFAULT,
                new ServiceConfig.Consul(name, List.of(), null, null, null, null, null, "lan"));
    }

    private static Configuration with(
            Configuration file, List<RouteConfig> routes, Map<String, ServiceConfig> services) {
        return new Configuration(
                file.listeners(),
                routes,
                services,
                file.limits(),
                file.trustedProxies(),
                file.accessLog(),
                file.admin(),
                file.shutdown(),
                file.threads(),
                file.consul());
    }
}
