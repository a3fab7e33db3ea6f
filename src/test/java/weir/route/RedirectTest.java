package weir.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.Location;
import weir.config.RouteConfig;
import weir.http.KnownField;
import weir.http.PathNormalizer;
import weir.http.RequestHead;
import weir.http.ResponseHead;

class RedirectTest {
    @ParameterizedTest
    @CsvSource({
        "https://example.com{path}{query}, /a/b?x=1&y, https://example.com/a/b?x=1&y",
        "https://example.com{path}{query}, /a, https://example.com/a",
        "https://example.com{path}{query}, /a?, https://example.com/a?",
        "https://example.com{path}{query}, *, https://example.com/",
        "https://example.com{path}, /%41/../b, https://example.com/b",
        "https://example.com{path}, //evil.org, https://example.com//evil.org",
        "'{scheme}://{host}/new', /a?b, http://Old.example/new",
        "'https://{host}{path}', /a, https://Old.example/a",
        "/new, /a, /new",
        "'{path}/', /a, /a/",
        "'{path}', //evil.org, /.//evil.org",
        "'{path}', /\\evil.org, /%5Cevil.org",
        "'{query}{path}', //evil.org, /.//evil.org",
        "'{path}', /%2fevil.org, /%2Fevil.org",
        "'/search{query}', /a?q=%0d%0aset-cookie:x, /search?q=%0d%0aset-cookie:x"
    })
    void fillsTheTemplate(String to, String target, String location) {
        assertEquals(location, location(to, "Old.example:8080", target, false));
    }

    @Test
    void takesTheSchemeOfTheConnection() {
        assertEquals("https://h/", location("{scheme}://{host}{path}", "h", "/", true));
    }

    @Test
    void refusesWithoutTheHostItNeeds() {
        assertNull(location("https://{host}{path}", "", "/", false));
        assertEquals("https://a/", location("https://a{path}", "", "/", false));
    }

    @Test
    void setsStatusAndLength() {
        ResponseHead response = new ResponseHead();
        assertTrue(redirect("/x", 308).fill(head("h", "/"), false, response));
        assertEquals(308, response.status());
        assertEquals(0, response.contentLength());
        assertFalse(redirect("{host}", 302).fill(head("", "/"), false, new ResponseHead()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/{p}",
                "/{path",
                "/a}b",
                "/a b",
                "/a\r\nx: y",
                "/\u00e9",
                "/{path}",
                "https://{path}",
                "x:{path}"
            })
    void refusesBrokenTemplates(String to) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> redirect(to, 302));
        assertTrue(String.valueOf(e.getMessage()).startsWith("weir.yaml:3:5: redirect:"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 300, 304, 305, 306, 309, 404})
    void refusesStatusesThatDoNotRedirect(int status) {
        assertThrows(IllegalArgumentException.class, () -> redirect("/", status));
    }

    private static @Nullable String location(String to, String host, String target, boolean secure) {
        ResponseHead response = new ResponseHead();
        boolean done = redirect(to, 301).fill(head(host, target), secure, response);
        assertEquals(done ? 1 : 0, response.fields().count());
        if (!done) {
            return null;
        }
        assertEquals(KnownField.LOCATION.text(), response.fields().name(0));
        return response.fields().value(0);
    }

    private static RequestHead head(String host, String target) {
        RequestHead head = RequestSketch.head("GET", host, target, List.of());
        assertTrue(PathNormalizer.normalize(head));
        return head;
    }

    private static Redirect redirect(String to, int status) {
        return Redirect.of(new RouteConfig.Redirect(to, status), new Location("weir.yaml", 3, 5));
    }
}
