package weir.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hostile requests of HTTP/2 and HTTP/3 that HTTP/1.1 behind them might be misled by, and the status each must be refused
 * with. None may reach a backend, but for the head of those whose fault is in the body. Immutable.
 */
public final class MuxSmugglingTable {
    private final List<Case> cases = new ArrayList<>();

    /**
     * What a request consists of: a field section or data, and whether it ends the request. Immutable.
     *
     * @param fields names and values in turn; null for data
     */
    public record Part(boolean last, @Nullable List<String> fields, String data) {}

    /**
     * One hostile request.
     *
     * @param inBody the head is good and may be passed on; what follows is refused
     */
    public record Case(String name, int status, boolean inBody, List<Part> parts) {
        @Override
        public String toString() {
            return name;
        }
    }

    private MuxSmugglingTable() {
        pseudo();
        targets();
        hosts();
        fields();
        connections();
        lengths();
        sizes();
        trailers();
    }

    /** All cases. */
    public static List<Case> cases() {
        return List.copyOf(new MuxSmugglingTable().cases);
    }

    /** What HTTP/2 refuses beyond those, since its last frame of fields must say that it is the last. */
    public static Case unendedTrailers() {
        return new Case(
                "trailers that do not end", 400, true, List.of(post(), data(false, "12"), section(false, "x", "y")));
    }

    private static Part section(boolean last, String... fields) {
        return new Part(last, List.of(fields), "");
    }

    private static Part data(boolean last, String text) {
        return new Part(last, null, text);
    }

    private static Part post(String... more) {
        return request("POST", false, more);
    }

    private static Part request(String method, boolean last, String... more) {
        List<String> fields =
                new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "a.test", ":path", "/"));
        fields.addAll(List.of(more));
        return new Part(last, fields, "");
    }

    private void raw(String name, int status, String... fields) {
        cases.add(new Case(name, status, false, List.of(section(true, fields))));
    }

    private void get(String name, int status, String... more) {
        cases.add(new Case(name, status, false, List.of(request("GET", true, more))));
    }

    private void post(String name, int status, String... more) {
        cases.add(new Case(name, status, false, List.of(post(more))));
    }

    /** The body is wrong, and no backend is to see even the head. */
    private void unseen(String name, Part... parts) {
        cases.add(new Case(name, 400, false, List.of(parts)));
    }

    private void body(String name, Part... parts) {
        cases.add(new Case(name, 400, true, List.of(parts)));
    }

    private void pseudo() {
        raw("no method", 400, ":scheme", "http", ":path", "/", ":authority", "a");
        raw("no scheme", 400, ":method", "GET", ":path", "/", ":authority", "a");
        raw("no path", 400, ":method", "GET", ":scheme", "http", ":authority", "a");
        raw("no fields at all", 400);
        raw("no authority and no host", 400, ":method", "GET", ":scheme", "http", ":path", "/");
        raw(
                "two methods",
                400,
                ":method",
                "GET",
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
        raw("two paths", 400, ":method", "GET", ":scheme", "http", ":path", "/", ":path", "/b", ":authority", "a");
        raw(
                "two schemes",
                400,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
        raw(
                "two authorities",
                400,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a",
                ":authority",
                "b");
        get("unknown pseudo-header", 400, ":foo", "bar");
        get("pseudo-header of responses", 400, ":status", "200");
        get("pseudo-header in upper case", 400, ":PATH", "/b");
        get("empty pseudo-header", 400, ":", "x");
        raw("path behind a field", 400, ":method", "GET", ":scheme", "http", ":authority", "a", "x", "y", ":path", "/");
        raw("method empty", 400, ":method", "", ":scheme", "http", ":path", "/", ":authority", "a");
        raw("method with space", 400, ":method", "GET /", ":scheme", "http", ":path", "/", ":authority", "a");
        raw(
                "method with line",
                400,
                ":method",
                "GET / HTTP/1.1\r\nX: y",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
        raw("scheme with line", 400, ":method", "GET", ":scheme", "http\r\nX: y", ":path", "/", ":authority", "a");
        raw("scheme empty", 400, ":method", "GET", ":scheme", "", ":path", "/", ":authority", "a");
        raw("scheme other", 400, ":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "a");
        raw("scheme with authority", 400, ":method", "GET", ":scheme", "http://b/?", ":path", "/", ":authority", "a");
        raw("connect with path", 400, ":method", "CONNECT", ":scheme", "http", ":path", "/", ":authority", "a:1");
        raw("connect without port", 400, ":method", "CONNECT", ":authority", "a");
        raw("connect without authority", 400, ":method", "CONNECT");
        raw("connect", 405, ":method", "CONNECT", ":authority", "a:443");
        raw(
                "protocol without connect",
                400,
                ":method",
                "GET",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
        raw(
                "protocol unknown",
                400,
                ":method",
                "CONNECT",
                ":protocol",
                "connect-udp",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
        raw(
                "tunnel that ends at once",
                400,
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":path",
                "/",
                ":authority",
                "a");
    }

    private void target(String name, String path) {
        raw("path " + name, 400, ":method", "GET", ":scheme", "http", ":path", path, ":authority", "a");
    }

    private void targets() {
        target("empty", "");
        target("without slash", "a");
        target("of a star", "*");
        target("absolute", "http://b/");
        target("with space", "/a b");
        target("with version", "/ HTTP/1.1\r\nHost: b\r\n\r\nGET /smuggled");
        target("with CR", "/a\rb");
        target("with LF", "/a\nb");
        target("with NUL", "/a\0b");
        target("with tab", "/a\tb");
        target("with fragment", "/a#b");
        target("with byte above 0x7e", "/caf\u00e9");
        target("with DEL", "/a\u007f");
        target("with question mark first", "?a");
        target("that leaves the root", "/../a");
        target("with encoded NUL", "/%00");
    }

    private void host(String name, String value) {
        raw("authority " + name, 400, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", value);
        raw("host " + name, 400, ":method", "GET", ":scheme", "http", ":path", "/", "host", value);
    }

    private void hosts() {
        host("empty", "");
        host("with user", "user@a");
        host("with path", "a/b");
        host("with space", "a b");
        host("with line", "a\r\nx: y");
        host("with bad port", "a:b");
        host("with empty port", "a:");
        host("listed", "a, b");
        host("with percent", "a%00b");
        host("with backslash", "a\\b");
        get("host differs from authority", 400, "host", "b");
        get("port differs from authority", 400, "host", "a.test:81");
        get("two hosts", 400, "host", "a.test", "host", "a.test");
    }

    private void fields() {
        get("upper case in name", 400, "X-Upper", "y");
        get("name empty", 400, "", "y");
        get("name with space", 400, "x y", "z");
        get("name with colon", 400, "x:y", "z");
        get("name with line", 400, "x\r\ny", "z");
        get("name with NUL", 400, "x\0y", "z");
        get("name not ASCII", 400, "x\u00e9", "z");
        get("name ends in space", 400, "transfer-encoding ", "chunked");
        get("value with CR", 400, "x", "y\rz");
        get("value with LF", 400, "x", "y\nz");
        get("value with line", 400, "x", "y\r\ntransfer-encoding: chunked");
        get("value with request", 400, "x", "y\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        get("value with NUL", 400, "x", "y\0z");
        get("value with ESC", 400, "x", "\u001b[0m");
        get("value with DEL", 400, "x", "y\u007fz");
        get("value begins with space", 400, "x", " y");
        get("value ends in space", 400, "x", "y ");
        get("value begins with tab", 400, "x", "\ty");
        get("cookie with line", 400, "cookie", "a=b\r\nx: y");
        get("two expectations", 417, "expect", "100-continue", "expect", "x");
        get("unknown expectation", 417, "expect", "200-ok");
    }

    private void connections() {
        get("connection", 400, "connection", "close");
        get("connection names a field", 400, "connection", "host");
        get("keep-alive", 400, "keep-alive", "1");
        get("proxy-connection", 400, "proxy-connection", "close");
        get("upgrade", 400, "upgrade", "websocket");
        get("http2-settings", 400, "http2-settings", "AAAA");
        get("te", 400, "te", "gzip");
        get("te listed", 400, "te", "trailers, gzip");
        post("transfer-encoding", 400, "transfer-encoding", "chunked");
        post("transfer-encoding identity", 400, "transfer-encoding", "identity");
        post("transfer-encoding with length", 400, "transfer-encoding", "chunked", "content-length", "5");
    }

    private void length(String name, String value) {
        post("content-length " + name, 400, "content-length", value);
    }

    private void lengths() {
        length("with plus", "+1");
        length("negative", "-1");
        length("listed", "1, 1");
        length("hexadecimal", "0x1");
        length("empty", "");
        length("too large", "99999999999999999999");
        length("word", "chunked");
        post("two content-lengths", 400, "content-length", "1", "content-length", "1");
        get("content-length of a request that ended", 400, "content-length", "5");
        String smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        body("less data than content-length", post("content-length", "10"), data(true, "12345"));
        body("more data than content-length", post("content-length", "1"), data(true, smuggled));
        unseen("data where content-length says that there is none", post("content-length", "0"), data(true, smuggled));
        body("more data in a second frame", post("content-length", "2"), data(false, "12"), data(true, smuggled));
        body("no data for content-length", post("content-length", "2"), data(true, ""));
    }

    private void sizes() {
        raw(
                "long path",
                414,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/" + "a".repeat(9 * 1024),
                ":authority",
                "a");
        raw("long method", 414, ":method", "G".repeat(9 * 1024), ":scheme", "http", ":path", "/", ":authority", "a");
        String half = "y".repeat(8 * 1024);
        get("large fields", 431, "a", half, "b", half, "c", half + "1", "d", half + "2", "e", half + "3");
        String[] many = new String[2 * 101];
        for (int i = 0; i < 101; i++) {
            many[2 * i] = "x";
            many[2 * i + 1] = "y";
        }
        get("many fields", 431, many);
    }

    private void trailer(String name, String... fields) {
        body("trailer " + name, post(), data(false, "12"), section(true, fields));
    }

    private void trailers() {
        trailer("with pseudo-header", ":path", "/b");
        trailer("in upper case", "X", "y");
        trailer("with line", "x", "y\r\nz: 1");
        trailer("of a connection", "transfer-encoding", "chunked");
    }
}
