package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import weir.config.Configuration;
import weir.config.ConfigurationReader;
import weir.config.Reading;
import weir.config.RefusedTag;
import weir.config.RouteConfig;
import weir.config.ServiceConfig;

final class TaggedRoutesTest {
    private static final String START = "listeners: {web: ':0'}\nconsul: {routes-from-tags: true}\n";

    private static Configuration file(String yaml) {
        Reading reading = ConfigurationReader.read("config.yaml", START + yaml, Path.of("/etc"), Map.of());
        assertEquals(List.of(), reading.problems());
        assertNotNull(reading.configuration());
        return reading.configuration();
    }

    private static List<String> names(TaggedRoutes tagged) {
        return tagged.configuration().routes().stream().map(RouteConfig::name).toList();
    }

    private static List<String> reasons(TaggedRoutes tagged) {
        return tagged.refused().stream().map(RefusedTag::why).toList();
    }

    @Test
    void putsExactHostsFirstThenTheLongestPathThenTheName() {
        TaggedRoutes tagged = TaggedRoutes.of(
                file(""),
                Map.of(
                        "a", List.of("weir.route=/", "weir.route=*.example.com/long/path", "v1"),
                        "b", List.of("weir.route=b.com/", "weir.route=/longer", "urlprefix-a.com/"),
                        "c", List.of("weir.route=a.com/long", "weir.route=*.a.example.com/long/path")));
        assertEquals(
                List.of(
                        "a.com/long",
                        "a.com/",
                        "b.com/",
                        "*.a.example.com/long/path",
                        "*.example.com/long/path",
                        "/longer",
                        "/"),
                names(tagged));
        assertEquals(7, tagged.routes());
        assertEquals(List.of(), tagged.refused());
    }

    @Test
    void standsWhereTheMarkSays() {
        String yaml = "routes: [{path: /x, respond: 204}, from-tags: true, {path: /y, respond: 204}, {respond: 404}]";
        assertEquals(
                List.of("/x", "/a", "/y", "/"),
                names(TaggedRoutes.of(file(yaml), Map.of("a", List.of("weir.route=/a")))));
        assertEquals(List.of("/x", "/y", "/"), names(TaggedRoutes.of(file(yaml), Map.of())));
    }

    @Test
    void standsBeforeTheFirstRouteThatMatchesEverythingWithoutAMark() {
        String yaml = "routes: [{path: /x, respond: 204}, {respond: 404}, {path: /y, respond: 204}]";
        Map<String, List<String>> catalogue = Map.of("a", List.of("weir.route=/a"));
        assertEquals(List.of("/x", "/a", "/", "/y"), names(TaggedRoutes.of(file(yaml), catalogue)));
        assertEquals(
                List.of("/x", "/a"), names(TaggedRoutes.of(file("routes: [{path: /x, respond: 204}]"), catalogue)));
    }

    @Test
    void makesTheServiceAndTheRewrite() {
        TaggedRoutes tagged = TaggedRoutes.of(file(""), Map.of("shop", List.of("urlprefix-/shop strip=/shop")));
        RouteConfig route = tagged.configuration().routes().get(0);
        assertEquals("shop", route.service());
        assertEquals("/shop", route.stripPrefix());
        ServiceConfig service = tagged.configuration().services().get("shop");
        assertNotNull(service);
        assertEquals(
                new ServiceConfig.Consul("shop", List.of(), null, null, null, null, null, "lan"), service.consul());
        assertFalse(route.fromTags());
    }

    @Test
    void usesTheSettingsThatTheFileHasForTheService() {
        Configuration file = file("services: {shop: {consul: shop, balance: random}}");
        TaggedRoutes tagged = TaggedRoutes.of(file, Map.of("shop", List.of("weir.route=/shop")));
        assertSame(
                file.services().get("shop"), tagged.configuration().services().get("shop"));
        assertEquals(List.of("/shop"), names(tagged));
    }

    @Test
    void refusesOnlyWhatIsWrong() {
        TaggedRoutes tagged = TaggedRoutes.of(
                file("services: {static: {backends: ['a:1']}}\n"
                        + "routes: [{path: /file, service: static}, {path: /some, methods: [GET], service: static}]"),
                Map.of(
                        "a", List.of("weir.route=/a", "weir.route=:80", "weir.route=/file", "weir.route=/some"),
                        "b", List.of("weir.route=/a", "urlprefix-/b", "weir.route=/b", "weir.route=/c"),
                        "static", List.of("weir.route=/s"),
                        "no/name", List.of("weir.route=/n"),
                        "z", List.of("urlprefix-/z", "weir.route=/z strip=/z")));
        assertEquals(List.of("/file", "/some", "/some#2", "/a", "/b", "/c", "/z"), names(tagged));
        assertEquals(
                List.of(
                        "the configuration has a route for /file (/file)",
                        ":80: a port: routes are found by host and path, whatever the listener",
                        "service a has /a",
                        "the service's name cannot be one here (expected: letters, digits, '.', '_' and '-', at most 100)",
                        "the configuration has another service of this name",
                        "another tag of the service has /z with another strip"),
                reasons(tagged).stream().toList());
        assertEquals(
                new RefusedTag("b", "weir.route=/a", "service a has /a"),
                tagged.refused().get(2));
    }

    @Test
    void neverTakesOverWhatTheFileAnswers() {
        TaggedRoutes tagged = TaggedRoutes.of(
                file("services: {s: {backends: ['a:1']}}\nroutes: [{path: /, service: s}]"),
                Map.of("a", List.of("weir.route=/")));
        assertEquals(List.of("the configuration has a route for / (/)"), reasons(tagged));
        assertEquals(0, tagged.routes());
    }
}
