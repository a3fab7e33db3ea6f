package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouteTagTest {
    @Test
    void knowsTagsThatAskForARoute() {
        assertTrue(RouteTag.is("weir.route=/a"));
        assertTrue(RouteTag.is("urlprefix-/a"));
        assertTrue(RouteTag.is("urlprefix-:3306 proto=tcp"), "wrong, but meant");
        assertFalse(RouteTag.is("v1"));
        assertFalse(RouteTag.is("weir.routes=/a"));
    }

    @ParameterizedTest
    @CsvSource({
        "weir.route=example.com/shop, example.com, /shop,",
        "weir.route=/shop, , /shop,",
        "weir.route=/, , /,",
        "weir.route=EXAMPLE.com/Shop, example.com, /Shop,",
        "weir.route=*.example.com/, *.example.com, /,",
        "weir.route=example.com/shop strip=/shop, example.com, /shop, /shop",
        "urlprefix-example.com/, example.com, /,",
        "urlprefix-/css/ strip=/css, , /css/, /css",
        "urlprefix-/a   strip=/a   proto=http, , /a, /a",
    })
    void readsHostPathAndStrip(String tag, @Nullable String host, String path, @Nullable String strip) {
        assertEquals(new RouteTag(host, path, strip), RouteTag.parse(tag));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "urlprefix-:3306 proto=tcp | :3306: a port: routes are found by host and path, whatever the listener",
                "weir.route=a.com:8080/x | a.com:8080/x: a port: routes are found by host and path, whatever the listener",
                "weir.route=a.com | a.com: no path (expected: host/path, or /path for every host)",
                "weir.route= | \"\": no path (expected: host/path, or /path for every host)",
                "urlprefix-/a weight=0.1 | weight=0.1: not supported (expected: strip=/prefix, or nothing)",
                "urlprefix-/a proto=tcp | proto=tcp: not supported (expected: strip=/prefix, or nothing)",
                "weir.route=/a strip=a | a: (expected: a path that begins with /; did you mean /a?)",
                "weir.route=a_?.com/ | a_?.com: (expected: a host such as example.com, or *.example.com for every name"
                        + " below it, without a port)",
                "weir.route=/a/../b | /a/../b: dot segments are removed before matching, so this never matches"
                        + " (expected: a path that begins with /)",
            })
    void saysWhatIsWrong(String tag, String why) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> RouteTag.parse(tag))
                        .getMessage());
    }
}
