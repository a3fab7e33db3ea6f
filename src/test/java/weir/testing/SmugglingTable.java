package weir.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Hostile raw requests and the status each must be answered with, before the connection is closed. None may reach a
 * backend, but for the head of those whose fault is in the body. Immutable.
 */
public final class SmugglingTable {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    private final List<Case> cases = new ArrayList<>();

    /**
     * One hostile request.
     *
     * @param raw the bytes, as ISO-8859-1
     * @param inBody the head is good and may be passed on; the body is refused
     */
    public record Case(String name, String raw, int status, boolean inBody) {
        /** The bytes to send. */
        public byte[] bytes() {
            return raw.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private SmugglingTable() {
        lengths();
        transferEncodings();
        fieldLines();
        requestLines();
        targets();
        hosts();
        sizes();
        expectations();
        chunks();
        trailers();
    }

    /** All cases. */
    public static List<Case> cases() {
        return List.copyOf(new SmugglingTable().cases);
    }

    private void head(String name, int status, String raw) {
        cases.add(new Case(name, raw, status, false));
    }

    private void body(String name, String body) {
        cases.add(new Case(name, CHUNKED + body, 400, true));
    }

    private void length(String name, String value) {
        head("content-length " + name, 400, POST + "Content-Length: " + value + "\r\n\r\n" + SMUGGLED);
    }

    private void lengths() {
        length("with plus", "+1");
        length("negative", "-1");
        length("listed equal", "1, 1");
        length("listed without space", "1,1");
        length("listed different", "1, 35");
        length("hexadecimal", "0x1");
        length("hexadecimal digits", "1a");
        length("empty", "");
        length("blank", "   ");
        length("too large", "99999999999999999999");
        length("just above long", "9223372036854775808");
        length("with inner space", "1 0");
        length("decimal", "1.0");
        length("exponent", "1e1");
        length("quoted", "\"1\"");
        length("word", "chunked");
        length("trailing comma", "1,");
        length("leading comma", ",1");
        length("non-ASCII digit", "\u00b2");
        length("with underscore", "1_0");
        head(
                "two content-lengths, different",
                400,
                POST + "Content-Length: 0\r\nContent-Length: 35\r\n\r\n" + SMUGGLED);
        head("two content-lengths, equal", 400, POST + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n");
        head(
                "two content-lengths apart",
                400,
                POST + "content-length: 3\r\nX: y\r\nCONTENT-LENGTH: 35\r\n\r\n" + SMUGGLED);
    }

    private void encoding(String name, int status, String fields) {
        head("transfer-encoding " + name, status, POST + fields + "\r\n0\r\n\r\n" + SMUGGLED);
    }

    private void transferEncodings() {
        encoding("with content-length", 400, "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n");
        encoding("behind content-length", 400, "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n");
        encoding("identity with content-length", 400, "Content-Length: 4\r\nTransfer-Encoding: identity\r\n");
        encoding("empty with content-length", 400, "Content-Length: 4\r\nTransfer-Encoding:\r\n");
        encoding("twice", 400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
        encoding("twice, one other", 400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n");
        encoding("listed twice", 400, "Transfer-Encoding: chunked, chunked\r\n");
        encoding("gzip, chunked", 400, "Transfer-Encoding: gzip, chunked\r\n");
        encoding("chunked, gzip", 400, "Transfer-Encoding: chunked, gzip\r\n");
        encoding("chunked, identity", 400, "Transfer-Encoding: chunked, identity\r\n");
        encoding("trailing comma", 400, "Transfer-Encoding: chunked,\r\n");
        encoding("leading comma", 400, "Transfer-Encoding: ,chunked\r\n");
        encoding("empty", 400, "Transfer-Encoding:\r\n");
        encoding("quoted", 400, "Transfer-Encoding: \"chunked\"\r\n");
        encoding("parameter", 400, "Transfer-Encoding: chunked;q=1\r\n");
        encoding("vertical tab", 400, "Transfer-Encoding: \u000bchunked\r\n");
        encoding("form feed", 400, "Transfer-Encoding: chunked\f\r\n");
        encoding("NUL", 400, "Transfer-Encoding: chunked\0\r\n");
        encoding("non-breaking space", 400, "Transfer-Encoding: \u00a0chunked\r\n");
        encoding("xchunked", 501, "Transfer-Encoding: xchunked\r\n");
        encoding("identity", 501, "Transfer-Encoding: identity\r\n");
        encoding("gzip", 501, "Transfer-Encoding: gzip\r\n");
        encoding("cow", 501, "Transfer-Encoding: cow\r\n");
        encoding("space before colon", 400, "Transfer-Encoding : chunked\r\n");
        encoding("tab before colon", 400, "Transfer-Encoding\t: chunked\r\n");
        encoding("folded", 400, "Transfer-Encoding:\r\n chunked\r\n");
        encoding("folded by tab", 400, "Transfer-Encoding:\r\n\tchunked\r\n");
        encoding("behind bare LF", 400, "X: y\nTransfer-Encoding: chunked\r\n");
        encoding("behind bare CR", 400, "X: y\rTransfer-Encoding: chunked\r\n");
        encoding("colon in name", 400, "X:Transfer-Encoding: chunked\r\nTransfer-Encoding chunked\r\n");
        head(
                "transfer-encoding on HTTP/1.0",
                400,
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED);
        head(
                "transfer-encoding on HTTP/1.0 kept alive",
                400,
                "POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    }

    private void field(String name, String line) {
        head(name, 400, GET + line + "\r\n\r\n");
    }

    private void fieldLines() {
        field("space before colon", "X : y");
        field("tab before colon", "X\t: y");
        field("empty name", ": y");
        field("no colon", "X");
        field("space in name", "X Y: z");
        field("parenthesis in name", "X(: z");
        field("slash in name", "X/Y: z");
        field("quote in name", "\"X\": z");
        field("non-ASCII name", "X\u00e9: z");
        field("NUL in name", "X\0: z");
        field("CR in name", "X\rY: z");
        field("DEL in name", "X\u007f: z");
        field("NUL in value", "X: y\0z");
        field("CR in value", "X: y\rz");
        field("BEL in value", "X: y\u0007z");
        field("ESC in value", "X: \u001b[0m");
        field("DEL in value", "X: y\u007fz");
        field("folded value", "X: y\r\n z");
        field("value folded by tab", "X: y\r\n\tz");
        field("line of white space", "X: y\r\n ");
        head("space before first field", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
        head("tab before first field", 400, "GET / HTTP/1.1\r\n\tX: y\r\nHost: a\r\n\r\n");
        head("field ended by LF", 400, "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n");
        head("head ended by LF", 400, GET + "\n" + SMUGGLED);
        head("head ended by CR LF LF", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n");
        head("head ended by CR CR", 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n");
        head("CR CR LF", 400, "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n");
    }

    private void requestLines() {
        head("all line ends LF", 400, "GET / HTTP/1.1\nHost: a\n\n");
        head("request line ended by CR", 400, "GET / HTTP/1.1\rHost: a\r\n\r\n");
        head("HTTP/0.9", 400, "GET /\r\n\r\n");
        head("no target", 400, "GET\r\n\r\n");
        head("no version", 400, "GET / \r\nHost: a\r\n\r\n");
        head("HTTP/2.0", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n");
        head("HTTP/1.2", 505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n");
        head("HTTP/0.9 said", 505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n");
        head("HTTP/3.0", 505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n");
        head("HTTP/1", 400, "GET / HTTP/1\r\nHost: a\r\n\r\n");
        head("HTTP/1.10", 400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n");
        head("HTTP/11.1", 400, "GET / HTTP/11.1\r\nHost: a\r\n\r\n");
        head("HTTP/+1.1", 400, "GET / HTTP/+1.1\r\nHost: a\r\n\r\n");
        head("lower-case version", 400, "GET / http/1.1\r\nHost: a\r\n\r\n");
        head("other protocol", 400, "GET / RTSP/1.0\r\nHost: a\r\n\r\n");
        head("space behind version", 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n");
        head("two spaces before target", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("two spaces before version", 400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n");
        head("tab for space", 400, "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n");
        head("space before method", 400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("method is no token", 400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("colon in method", 400, "GET: / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("non-ASCII method", 400, "G\u00cbT / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("NUL before method", 400, "\0GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("LF before method", 400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("CR before method", 400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("many empty lines", 400, "\r\n".repeat(50) + SMUGGLED);
        head("TLS hello", 400, "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003");
        head("HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".replace("HTTP/2.0", "HTTP/2"));
    }

    private void target(String name, String target) {
        head("target " + name, 400, "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private void targets() {
        target("with space", "/a b");
        target("with version inside", "/a HTTP/1.1");
        target("with tab", "/a\tb");
        target("with fragment", "/a#b");
        target("with NUL", "/a\0b");
        target("with byte above 0x7e", "/caf\u00e9");
        target("with DEL", "/a\u007f");
        target("with CR", "/a\rb");
        target("without slash", "a/b");
        target("authority for GET", "a:80");
        target("asterisk for GET", "*");
        target("of two asterisks", "**");
        target("of other scheme", "ftp://a/");
        target("of file scheme", "file:///etc/passwd");
        target("with user", "http://user@a/");
        target("with user and password", "http://a:b@a/");
        target("without host", "http:///a");
        target("without slashes", "http:a");
        target("with bad port", "http://a:b/");
        target("backslash first", "\\a");
        target("question mark first", "?a=b");
        head("CONNECT without port", 400, "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n");
        head("CONNECT to a path", 400, "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("CONNECT elsewhere", 400, "CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private void host(String name, String value) {
        head("host " + name, 400, "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n");
    }

    private void hosts() {
        head("no host", 400, "GET / HTTP/1.1\r\nX: y\r\n\r\n");
        head("two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        head("two hosts, equal", 400, "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n");
        head("two hosts on HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n");
        head("host only with underscore name", 400, "GET / HTTP/1.1\r\nHo_st: a\r\n\r\n");
        host("empty", "");
        host("listed", "a, b");
        host("with space", "a b");
        host("with user", "user@a");
        host("with path", "a/b");
        host("with query", "a?b");
        host("with fragment", "a#b");
        host("with backslash", "a\\b");
        host("with quote", "\"a\"");
        host("with percent", "a%00b");
        host("with empty label", "a..b");
        host("with leading dot", ".a");
        host("of a dot", ".");
        host("non-ASCII", "caf\u00e9");
        host("with bad port", "a:b");
        host("with empty port", "a:");
        host("with port 0", "a:0");
        host("with port too large", "a:65536");
        host("with two ports", "a:80:80");
        host("with signed port", "a:+80");
        host("with open bracket", "[::1");
        host("with bytes behind bracket", "[::1]a");
        host("with name in brackets", "[a.b]");
        host("with zone", "[fe80::1%25eth0]");
        host("only a port", ":80");
        head("host differs from target", 400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n");
        head("port differs from target", 400, "GET http://a:81/ HTTP/1.1\r\nHost: a:82\r\n\r\n");
        head("target without host field", 400, "GET http://a/ HTTP/1.1\r\nX: y\r\n\r\n");
        head("host is prefix of target's", 400, "GET http://ab/ HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private void sizes() {
        head("long target", 414, "GET /" + "a".repeat(9 * 1024) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        head("long method", 414, "G".repeat(9 * 1024) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        head("long value", 431, GET + "X: " + "y".repeat(33 * 1024) + "\r\n\r\n");
        head("long name", 431, GET + "X".repeat(33 * 1024) + ": y\r\n\r\n");
        head("many fields", 431, GET + "X: y\r\n".repeat(100) + "\r\n");
        head("many underscore fields", 431, GET + "X_Y: y\r\n".repeat(100) + "\r\n");
        head("long connection", 431, GET + "Connection: " + "a,".repeat(600) + "close\r\n\r\n");
    }

    private void expectations() {
        head("unknown expectation", 417, POST + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n");
        head("two expectations", 417, POST + "Expect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\n");
    }

    private void chunks() {
        body("size with 0x", "0x1\r\na\r\n0\r\n\r\n");
        body("size with plus", "+1\r\na\r\n0\r\n\r\n");
        body("size negative", "-1\r\na\r\n0\r\n\r\n");
        body("size empty", "\r\na\r\n0\r\n\r\n");
        body("size with leading space", " 1\r\na\r\n0\r\n\r\n");
        body("size with trailing space", "1 \r\na\r\n0\r\n\r\n");
        body("size with trailing tab", "1\t\r\na\r\n0\r\n\r\n");
        body("size is no hexadecimal", "g\r\n");
        body("size too long", "0000000000000001\r\na\r\n0\r\n\r\n");
        body("size overflows", "fffffffffffffffff\r\n");
        body("size with underscore", "1_0\r\n");
        body("size ended by LF", "1\na\r\n0\r\n\r\n");
        body("size ended by CR", "1\ra\r\n0\r\n\r\n");
        body("last size ended by LF", "0\n\r\n");
        body("data too long", "1\r\nab\r\n0\r\n\r\n");
        body("data ended by LF", "1\r\na\n0\r\n\r\n");
        body("data ended by CR", "1\r\na\r0\r\n\r\n");
        body("data without end", "1\r\na0\r\n\r\n");
        body("extension without name", "1;\r\na\r\n0\r\n\r\n");
        body("extension with space", "1; a=b\r\na\r\n0\r\n\r\n");
        body("extension without value", "1;a=\r\na\r\n0\r\n\r\n");
        body("extension ended by LF", "1;a\na\r\n0\r\n\r\n");
        body("extension with LF in quotes", "1;a=\"\n\"\r\na\r\n0\r\n\r\n");
        body("extension with CR in quotes", "1;a=\"\r\n\"\r\na\r\n0\r\n\r\n");
        body("extension with NUL", "1;a\0=b\r\na\r\n0\r\n\r\n");
        body("extension with quote left open", "1;a=\"b\r\na\r\n0\r\n\r\n");
        body("extension too long", "1;" + "a".repeat(2000) + "\r\na\r\n0\r\n\r\n");
        body("extensions in all too long", ("1;" + "a".repeat(900) + "\r\na\r\n").repeat(40) + "0\r\n\r\n");
        body("end with LF", "0\r\n\n");
        body("end with CR", "0\r\n\r\r");
    }

    private void trailers() {
        body("trailer without colon", "0\r\nX\r\n\r\n");
        body("trailer with space before colon", "0\r\nX : y\r\n\r\n");
        body("trailer folded", "0\r\nX: y\r\n z\r\n\r\n");
        body("trailer folded at once", "0\r\n X: y\r\n\r\n");
        body("trailer ended by LF", "0\r\nX: y\n\r\n");
        body("trailer with CR", "0\r\nX: y\rz\r\n\r\n");
        body("trailer with NUL", "0\r\nX: y\0\r\n\r\n");
        body("trailer is a request", "0\r\n" + SMUGGLED);
        cases.add(new Case("trailers too large", CHUNKED + "0\r\nX: " + "y".repeat(33 * 1024) + "\r\n\r\n", 431, true));
        cases.add(new Case("trailers too many", CHUNKED + "0\r\n" + "X: y\r\n".repeat(101) + "\r\n", 431, true));
    }
}
