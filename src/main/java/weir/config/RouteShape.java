package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import weir.config.RouteConfig.HeaderEdits;
import weir.config.RouteConfig.HostHeader;
import weir.config.RouteConfig.Redirect;
import weir.config.RouteConfig.Respond;

/** The keys of a route. */
final class RouteShape {
    /**
     * A route with the places that later checks point at. Its name is empty when the file gives none.
     *
     * @param mark whether it is no route, but the place of those from tags
     */
    record ReadRoute(RouteConfig route, Location nameAt, Location serviceAt, boolean mark) {}

    private static final Key<String> NAME = Key.optional(
            "name",
            Names.ROUTE_NAME,
            "What logs, metrics and the admin API call the route; without it, its host and path.");
    private static final Key<String> HOST = Key.optional(
            "host", Addresses.MATCHED_HOST, "Matches this host, or with a leading *. every name below it.");
    private static final Key<String> PATH =
            Key.optional("path", Targets.PATH, "Matches this path and everything below it, on segment borders.");
    private static final Key<String> EXACT_PATH = Key.optional("exact-path", Targets.PATH, "Matches this path only.");
    private static final Key<String> PATH_REGEX = Key.optional(
            "path-regex", Targets.PATH_REGEX, "Matches a path in which this regular expression is found (RE2/J).");
    private static final Key<List<String>> METHODS = Key.of(
            "methods",
            new ListType<>(Fields.METHOD, "a list of methods such as [GET, POST]"),
            List.of(),
            "Matches these methods; without it, all.");
    private static final Key<Map<String, String>> HEADERS = Key.of(
            "headers",
            new MapType<>(Fields.FIELD_NAME, Fields.FIELD_VALUE, "a mapping from field names to values"),
            Map.of(),
            "Matches requests whose fields have these values; \"*\" asks only for presence.");
    private static final Key<String> SERVICE = Key.optional("service", Names.NAME_TYPE, "The service that answers.");
    private static final Key<Redirect> REDIRECT =
            Key.optional("redirect", RouteActionShape.REDIRECT, "Sends the client elsewhere.");
    private static final Key<Respond> RESPOND =
            Key.optional("respond", RouteActionShape.RESPOND, "A fixed answer of Weir's own.");
    private static final Key<@Nullable String> REWRITE =
            Key.optional("rewrite", RouteActionShape.REWRITE, "Changes to the path before it is forwarded.");
    private static final Key<HostHeader> HOST_HEADER = Key.of(
            "host-header",
            RouteActionShape.HOST_HEADER,
            HostHeader.KEEP,
            "What backends see as Host: keep the client's, backend for the backend's address, or a host.");
    private static final Key<HeaderEdits> REQUEST_HEADERS = Key.of(
            "request-headers", RouteActionShape.HEADER_EDITS, HeaderEdits.NONE, "Changes to the request's fields.");
    private static final Key<HeaderEdits> RESPONSE_HEADERS = Key.of(
            "response-headers", RouteActionShape.HEADER_EDITS, HeaderEdits.NONE, "Changes to the response's fields.");

    private static final Key<Duration> BODY_TIMEOUT = Key.optional(
            "body-timeout",
            Durations.DURATION,
            "Between bytes of a request body, until the response begins; in place of limits.body-timeout.");

    private static final Key<Boolean> FROM_TAGS = Key.optional(
            "from-tags",
            TextType.of(
                    "from-tags",
                    "true",
                    Choices.of("from-tags", Map.of("true", true)).parser(),
                    String::valueOf,
                    Map.of("enum", List.of(true, "true"))),
            "An entry of its own: the place of the routes that Consul's services make by their tags.");

    static final ObjectType<ReadRoute> ROUTE = ObjectType.of(
                    "a mapping such as {path: /, service: web}",
                    List.of(
                            NAME,
                            HOST,
                            PATH,
                            EXACT_PATH,
                            PATH_REGEX,
                            METHODS,
                            HEADERS,
                            SERVICE,
                            REDIRECT,
                            RESPOND,
                            REWRITE,
                            HOST_HEADER,
                            REQUEST_HEADERS,
                            RESPONSE_HEADERS,
                            BODY_TIMEOUT,
                            FROM_TAGS),
                    RouteShape::route)
            .withoutYet("split", "mirror");

    private RouteShape() {}

    private static ReadRoute route(Section section) {
        checkOneOf(section, "one way to match the path", List.of(PATH, EXACT_PATH, PATH_REGEX));
        List<Key<?>> actions = List.of(SERVICE, REDIRECT, RESPOND);
        checkOneOf(section, "one of service, redirect and respond", actions);
        if (section.has(FROM_TAGS)) {
            checkAlone(section);
        } else if (actions.stream().noneMatch(section::has)) {
            if (!section.unfinished()) {
                section.problem(section.location(), "route: leads nowhere", "one of service, redirect and respond");
            }
        } else if (!section.has(SERVICE)) {
            for (Key<?> key : List.of(REWRITE, HOST_HEADER, REQUEST_HEADERS, BODY_TIMEOUT)) {
                if (section.has(key)) {
                    section.problem(
                            section.keyAt(key),
                            key.name() + ": nothing is forwarded here",
                            "only on a route to a service");
                }
            }
        }
        String name = section.find(NAME);
        return new ReadRoute(
                new RouteConfig(
                        name == null ? "" : name,
                        section.find(HOST),
                        section.find(PATH),
                        section.find(EXACT_PATH),
                        section.find(PATH_REGEX),
                        section.get(METHODS),
                        section.get(HEADERS),
                        section.find(SERVICE),
                        section.find(REDIRECT),
                        section.find(RESPOND),
                        section.find(REWRITE),
                        section.get(HOST_HEADER),
                        section.get(REQUEST_HEADERS),
                        section.get(RESPONSE_HEADERS),
                        section.find(BODY_TIMEOUT),
                        section.location()),
                section.at(NAME),
                section.at(SERVICE),
                section.has(FROM_TAGS));
    }

    private static void checkAlone(Section section) {
        if (section.items().size() > 1) {
            section.problem(section.keyAt(FROM_TAGS), "from-tags: beside other keys", "an entry of its own");
        }
    }

    private static void checkOneOf(Section section, String expected, List<Key<?>> keys) {
        Key<?> first = null;
        for (Key<?> key : keys) {
            if (section.has(key)) {
                if (first != null) {
                    section.problem(section.keyAt(key), key.name() + ": beside " + first.name(), expected);
                }
                first = Objects.requireNonNullElse(first, key);
            }
        }
    }
}
