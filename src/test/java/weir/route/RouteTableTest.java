package weir.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.route.RouteBuilder.route;
import static weir.route.RouteBuilder.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.http.PathNormalizer;
import weir.http.RequestHead;

class RouteTableTest {
    @ParameterizedTest
    @CsvSource({
        "/hello, hello", "/hello/, hello", "/hello/x, hello", "/hellox, all", "/hell, all", "/, all",
        "/dir, all", "/dir/, dir", "/dir/x, dir", "/dirx, all", "/hello//x, hello", "/Hello, all",
        "/hello%2Fx, all", "/x/../hello, hello"
    })
    void matchesPrefixesOnSegmentBorders(String path, String expected) {
        RouteTable table = table(
                route("hello").path("/hello"),
                route("dir").path("/dir/"),
                route("all").path("/"));
        assertEquals(expected, match(table, "GET", "h", path));
    }

    @ParameterizedTest
    @CsvSource({"/a, a", "/a/, ", "/a/b, ", "/A, ", "/caf%c3%a9, cafe"})
    void matchesExactPathsWhole(String path, @Nullable String expected) {
        RouteTable table = table(route("a").exact("/a"), route("cafe").exact("/caf\u00e9"));
        assertEquals(expected, match(table, "GET", "h", path));
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, apex",
        "EXAMPLE.com, apex",
        "example.com:8080, apex",
        "example.com., apex",
        "a.example.com, wild",
        "A.B.Example.COM, wild",
        "x.deep.example.com, deep",
        "deep.example.com, wild",
        "badexample.com, any",
        ".example.com, any",
        "[::1], six",
        "'[::1]:80', six",
        "'', any"
    })
    void matchesHosts(String host, String expected) {
        RouteTable table = table(
                route("apex").host("example.com"),
                route("deep").host("*.deep.example.com"),
                route("wild").host("*.example.com"),
                route("six").host("[::1]"),
                route("any"));
        assertEquals(expected, match(table, "GET", host, "/"));
    }

    @Test
    void takesTheFirstInFileOrderWhateverItsKind() {
        RouteTable table = table(
                route("0").regex("^/v[0-9]+/").methods("PUT"),
                route("1").host("*.example.com").path("/v1"),
                route("2").regex("^/v[0-9]+/"),
                route("3").exact("/v1/x"),
                route("4").path("/v1/x").host("a.example.com"),
                route("5"));
        assertEquals("1", match(table, "GET", "a.example.com", "/v1/x"));
        assertEquals("0", match(table, "PUT", "a.example.com", "/v1/x"));
        assertEquals("2", match(table, "GET", "b.org", "/v1/x"));
        assertEquals("5", match(table, "GET", "b.org", "/v1"));
    }

    @Test
    void longerPrefixDoesNotBeatEarlierOne() {
        RouteTable table = table(route("short").path("/a"), route("long").path("/a/b"));
        assertEquals("short", match(table, "GET", "h", "/a/b/c"));
    }

    @Test
    void triesRoutesOfTheSamePathInOrder() {
        RouteTable table = table(
                route("get").path("/a").methods("GET", "PURGE"),
                route("canary").path("/a").header("x-canary", "1"),
                route("cookie").path("/a").header("cookie", "*"),
                route("post").path("/a").methods("POST"));
        assertEquals("get", match(table, "GET", "h", "/a"));
        assertEquals("get", match(table, "PURGE", "h", "/a"));
        assertEquals("post", match(table, "POST", "h", "/a"));
        assertNull(match(table, "HEAD", "h", "/a"));
        assertNull(match(table, "get", "h", "/a"));
        assertEquals("canary", match(table, "HEAD", "h", "/a", "X-Canary: 1"));
        assertNull(match(table, "HEAD", "h", "/a", "x-canary: 10"));
        assertEquals("canary", match(table, "HEAD", "h", "/a", "x-canary: 0", "x-canary: 1"));
        assertEquals("cookie", match(table, "HEAD", "h", "/a", "Cookie: "));
    }

    @Test
    void ignoresFieldsThatAreNotForwarded() {
        RouteTable table = table(route("a").header("x_canary", "1"));
        RequestHead head = RequestSketch.head("GET", "h", "/", List.of(Map.entry("x_canary", "1")));
        assertTrue(PathNormalizer.normalize(head));
        assertEquals("a", String.valueOf(table.match(head)));
        head.fields().drop(0);
        assertNull(table.match(head));
    }

    @Test
    void asteriskMatchesOnlyRoutesForEveryPath() {
        RouteTable table = table(
                route("regex").regex(".*"), route("a").path("/a"), route("root").path("/"));
        assertEquals("root", match(table, "OPTIONS", "h", "*"));
        assertEquals("none", match(table(route("none")), "OPTIONS", "h", "*"));
        assertNull(match(table(route("exact").exact("/")), "OPTIONS", "h", "*"));
    }

    @Test
    void findsExpressionsAnywhereInThePath() {
        RouteTable table =
                table(route("digits").regex("[0-9]{3}"), route("anchored").regex("^/a$"));
        assertEquals("digits", match(table, "GET", "h", "/x/123/y"));
        assertEquals("anchored", match(table, "GET", "h", "/a"));
        assertNull(match(table, "GET", "h", "/a/12"));
    }

    @Test
    void emptyTableMatchesNothing() {
        assertNull(match(table(), "GET", "h", "/"));
    }

    @Test
    void numbersRoutesDensely() {
        RouteTable table = table(route("a"), route("b"));
        for (int i = 0; i < 2; i++) {
            assertEquals(i, table.routes().get(i).number());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/%zz", "/..", "/a?b"})
    void saysWhereAnInvalidPathStands(String path) {
        Exception e = assertThrows(
                IllegalArgumentException.class, () -> table(route("a").path(path)));
        assertTrue(String.valueOf(e.getMessage()).startsWith("weir.yaml:3:5: path: " + path), e.getMessage());
    }

    @Test
    void saysWhereAnInvalidExpressionStands() {
        Exception e = assertThrows(
                IllegalArgumentException.class, () -> table(route("a").regex("(")));
        assertTrue(String.valueOf(e.getMessage()).startsWith("weir.yaml:3:5: path-regex: ("), e.getMessage());
    }

    /** Keys in the table change with its size, the number of look-ups does not: only their probes could grow. */
    @ParameterizedTest
    @ValueSource(ints = {5, 5_000})
    void looksUpThousandsAsItDoesFive(int size) {
        List<RouteBuilder> routes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            routes.add(route("h" + i).host("host" + i + ".example.com"));
            routes.add(route("w" + i).host("*.wild" + i + ".example.com"));
            routes.add(route("p" + i).host("one.example.com").path("/prefix/" + i));
            routes.add(route("e" + i).host("one.example.com").exact("/exact/" + i));
        }
        RouteTable table = table(routes);
        int last = size - 1;
        assertEquals("h" + last, match(table, "GET", "host" + last + ".example.com", "/"));
        assertEquals("w" + last, match(table, "GET", "a.wild" + last + ".example.com", "/"));
        assertEquals("p" + last, match(table, "GET", "one.example.com", "/prefix/" + last + "/x"));
        assertEquals("e" + last, match(table, "GET", "one.example.com", "/exact/" + last));
        assertTrue(table.longestProbe() <= 16, "longest probe " + table.longestProbe());
    }

    @Test
    void matchesWithoutAllocating() {
        RouteTable table = table(
                route("a").host("*.example.com").path("/a").header("x-b", "1"),
                route("b").host("h.example.com").exact("/a/b").methods("POST", "PURGE"),
                route("late").path("/a").strip("/a"),
                route("regex").regex("never tried"));
        RequestHead head = RequestSketch.head("GET", "h.Example.com", "/a/b", List.of(Map.entry("x-b", "2")));
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                PathNormalizer.normalize(head);
                Route route = table.match(head);
                if (route == null || route.number() != 2) {
                    throw new AssertionError(route);
                }
                route.applyRewrite(head);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        // What the JVM itself allocates on the thread now and then is far below one byte for each match.
        assertTrue(least < 2_000, least + " bytes in 2,000 matches");
    }

    private static @Nullable String match(
            RouteTable table, String method, String host, String path, String... headers) {
        List<Map.Entry<String, String>> fields = Arrays.stream(headers)
                .map(h -> h.split(":", 2))
                .map(h -> Map.entry(h[0], h[1]))
                .toList();
        RequestHead head = RequestSketch.head(method, host, path, fields);
        assertTrue(PathNormalizer.normalize(head));
        Route route = table.match(head);
        return route == null ? null : route.name();
    }
}
