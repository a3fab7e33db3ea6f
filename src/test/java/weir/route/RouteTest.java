package weir.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.route.RouteBuilder.route;
import static weir.route.RouteBuilder.table;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.RouteConfig.HeaderEdits;
import weir.config.RouteConfig.HostHeader;
import weir.http.Fields;
import weir.http.PathNormalizer;
import weir.http.RequestHead;
import weir.http.ResponseHead;

class RouteTest {
    @ParameterizedTest
    @CsvSource({
        "/hello, /hello, /",
        "/hello, /hello/, /",
        "/hello, /hello/Ada, /Ada",
        "/hello, /hello//Ada, //Ada",
        "/hello, /hellox, /hellox",
        "/hello, /other, /other",
        "/hello, /, /",
        "/hello/, /hello, /",
        "/hello/, /hello/Ada, /Ada",
        "/, /a, /a",
        "/%7eu, /~u/x, /x",
        "/hello, *, *"
    })
    void stripsPrefix(String prefix, String path, String forwarded) {
        RequestHead head = head("h", path);
        only(route("r").strip(prefix)).applyRewrite(head);
        assertEquals(forwarded, head.text(head.forwardedPath()));
        assertEquals(path, head.text(head.path()));
    }

    @Test
    void forwardsThePathAsMatchedWithoutRewrite() {
        RequestHead head = head("h", "/a/../b");
        only(route("r")).applyRewrite(head);
        assertEquals("/b", head.text(head.forwardedPath()));
    }

    @Test
    void setsHostOnlyWhenTheRouteNamesOne() {
        RequestHead head = head("h", "/");
        head.forwardedHost().set(head.host());
        only(route("r")).applyRewrite(head);
        assertEquals("h", head.text(head.forwardedHost()));
        only(route("r").hostHeader(new HostHeader(HostHeader.Kind.NAME, "in.example.com:81")))
                .applyRewrite(head);
        assertEquals("in.example.com:81", head.text(head.forwardedHost()));
        assertTrue(only(route("r").hostHeader(new HostHeader(HostHeader.Kind.BACKEND, null)))
                .sendsBackendAsHost());
    }

    @Test
    void refusesHostHeadersThatAreNone() {
        HostHeader broken = new HostHeader(HostHeader.Kind.NAME, "a\r\nb: c");
        assertThrows(IllegalArgumentException.class, () -> table(route("r").hostHeader(broken)));
    }

    @Test
    void editsFieldsInTheOrderRemoveSetAdd() {
        RequestHead head = RequestSketch.head(
                "GET",
                "h",
                "/",
                List.of(
                        Map.entry("X-Debug", "1"),
                        Map.entry("X-Env", "test"),
                        Map.entry("X-Tag", "a"),
                        Map.entry("x-env", "dev")));
        HeaderEdits edits = new HeaderEdits(Map.of("x-env", "prod"), Map.of("x-tag", "b"), List.of("x-debug"));
        FieldEdits compiled = only(route("r").requestEdits(edits)).requestEdits();
        compiled.apply(head.fields());
        assertEquals(List.of("X-Tag: a", "x-env: prod", "x-tag: b"), forwarded(head.fields()));
        assertFalse(compiled.isEmpty());
        assertTrue(only(route("r")).requestEdits().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-length", "Transfer-Encoding", "connection", "host", "bad name", "", "x\n"})
    void refusesFieldsThatCannotBeEdited(String name) {
        HeaderEdits set = new HeaderEdits(Map.of(name, "1"), Map.of(), List.of());
        HeaderEdits add = new HeaderEdits(Map.of(), Map.of(name, "1"), List.of());
        HeaderEdits remove = new HeaderEdits(Map.of(), Map.of(), List.of(name));
        for (HeaderEdits edits : List.of(set, add, remove)) {
            assertThrows(IllegalArgumentException.class, () -> table(route("r").requestEdits(edits)));
        }
    }

    @Test
    void refusesValuesThatWouldBreakTheLine() {
        HeaderEdits edits = new HeaderEdits(Map.of("x-a", "1\r\nx-b: 2"), Map.of(), List.of());
        assertThrows(IllegalArgumentException.class, () -> table(route("r").requestEdits(edits)));
    }

    @Test
    void answersByItself() {
        FixedResponse answer =
                only(route("r").respond(418, "h\u00e9", Map.of("X-A", "b"))).respond();
        ResponseHead head = new ResponseHead();
        answer.fill(head);
        assertEquals(418, head.status());
        assertEquals(3, head.contentLength());
        assertEquals("h\u00e9", new String(answer.body(), StandardCharsets.UTF_8));
        assertEquals(List.of("x-a: b", "content-type: text/plain; charset=utf-8"), forwarded(head.fields()));
    }

    @Test
    void answersWithoutBody() {
        ResponseHead head = new ResponseHead();
        only(route("r").respond(204, "", Map.of())).respond().fill(head);
        assertEquals(0, head.contentLength());
        assertEquals(List.of(), forwarded(head.fields()));
        assertThrows(IllegalArgumentException.class, () -> table(route("r").respond(204, "x", Map.of())));
        assertThrows(IllegalArgumentException.class, () -> table(route("r").respond(101, "", Map.of())));
    }

    @Test
    void explainsWhatStoodAgainstEachRoute() {
        RouteTable table = table(
                route("host").host("*.b.com"),
                route("exact").exact("/x"),
                route("prefix").path("/y"),
                route("regex").regex("^/z"),
                route("method").methods("PUT", "POST"),
                route("value").header("x-canary", "1"),
                route("presence").header("x-tag", "*"),
                route("winner").path("/%61").strip("/a"),
                route("late"));
        Explanation e = table.explain("GET", "A.com:80", "/a/./b?q=1", List.of(Map.entry("X-Canary", "2")));
        assertEquals("a.com", e.host());
        assertEquals("/a/b", e.path());
        assertEquals("winner", e.route());
        assertEquals("service", e.action());
        assertEquals("backend", e.service());
        assertEquals("/b", e.forwardedPath());
        List<String> mismatches = new ArrayList<>();
        e.steps().forEach(step -> mismatches.add(String.valueOf(step.mismatch())));
        assertEquals(
                List.of(
                        "host is not *.b.com",
                        "path is not /x",
                        "path does not begin with /y",
                        "path does not match ^/z",
                        "method is not PUT or POST",
                        "header x-canary is not 1",
                        "header x-tag is missing",
                        "null"),
                mismatches);
        assertEquals("weir.yaml:3:5", e.steps().get(0).location());
    }

    @Test
    void explainsThatNoRouteMatchesOrThePathIsInvalid() {
        RouteTable table =
                table(route("a").path("/a"), route("b").redirect("/x", 301).path("/b"));
        Explanation none = table.explain("GET", "h", "/c", List.of());
        assertNull(none.route());
        assertEquals(2, none.steps().size());
        assertEquals("redirect", table.explain("GET", "h", "/b", List.of()).action());
        Explanation invalid = table.explain("GET", "h", "/..", List.of());
        assertNull(invalid.path());
        assertEquals(List.of(), invalid.steps());
    }

    private static Route only(RouteBuilder route) {
        return table(route).routes().get(0);
    }

    private static RequestHead head(String host, String path) {
        RequestHead head = RequestSketch.head("GET", host, path, List.of());
        assertTrue(PathNormalizer.normalize(head));
        return head;
    }

    private static List<String> forwarded(Fields fields) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i)) {
                lines.add(fields.name(i) + ": " + fields.value(i));
            }
        }
        return lines;
    }
}
