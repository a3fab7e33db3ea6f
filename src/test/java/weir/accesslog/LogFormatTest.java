package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogFormatTest {
    /** Logstash's COMBINEDAPACHELOG and GoAccess's COMBINED, which differ in nothing that matters, as one expression. */
    private static final Pattern COMBINED = Pattern.compile(
            "^(\\S+) (\\S+) (\\S+) \\[([\\w:/]+\\s[+\\-]\\d{4})\\] \"(\\S+) (\\S+)\\s*(\\S+)?\\s*\" (\\d{3}) (\\S+)"
                    + " \"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"$");

    private static final Pattern LOGFMT =
            Pattern.compile("([a-z_]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\"=]*))(?: |$)");

    private final LineBuffer out = new LineBuffer(64);
    private final LineClock clock = new LineClock();

    @Test
    void jsonHasEveryFieldInOrder() {
        TestExchange exchange = TestExchange.of(
                "GET",
                "example.com",
                "/hello/Ada?x=1",
                "User-Agent",
                "curl/8",
                "Referer",
                "http://a/",
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        exchange.discoveryAge = 2_500_000_000L;
        assertEquals(
                "{\"time\":\"2026-01-31T12:34:56.789Z\",\"client\":\"203.0.113.9\",\"peer\":\"10.1.2.3:40000\","
                        + "\"listener\":\"web\",\"protocol\":\"HTTP/1.1\",\"method\":\"GET\","
                        + "\"host\":\"example.com\",\"path\":\"/hello/Ada?x=1\",\"status\":200,\"bytes_in\":0,"
                        + "\"bytes_out\":11,\"duration\":0.001234,\"queue\":0.000012,\"connect\":0.000042,"
                        + "\"first_byte\":0.001000,\"transfer\":0.000180,\"route\":\"/hello\",\"service\":\"hello\","
                        + "\"backend\":\"127.0.0.1:9002\",\"attempts\":["
                        + "{\"backend\":\"127.0.0.1:9001\",\"outcome\":\"reset\"},"
                        + "{\"backend\":\"127.0.0.1:9002\",\"outcome\":\"200\"}],\"discovery_age\":2.500000,\"request_id\":\"0193a7\","
                        + "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"user_agent\":\"curl/8\","
                        + "\"referer\":\"http://a/\",\"why\":\"\"}",
                line("json", exchange));
    }

    @Test
    void writesTheStatusOfGrpc() {
        TestExchange exchange = TestExchange.of("POST", "h", "/s/m");
        assertEquals("-", line("{grpc_status}", exchange));
        exchange.grpcStatus = 14;
        assertEquals("14", line("{grpc-status}", exchange));
        assertEquals(14, json(exchange).get("grpc_status").getAsInt());
        exchange.grpcStatus = 0;
        assertTrue(line("logfmt", exchange).contains(" grpc_status=0 "));
    }

    @Test
    void jsonLeavesOutWhatIsMissing() {
        TestExchange exchange = new TestExchange();
        exchange.head = null;
        exchange.protocol = null;
        exchange.service = null;
        exchange.connect = -1;
        exchange.status = 408;
        exchange.requestId = new byte[0];
        exchange.attempts = new String[0][];
        exchange.why = "header-timeout";

        JsonObject json = json(exchange);

        for (String key :
                List.of("method", "host", "path", "protocol", "service", "backend", "connect", "request_id")) {
            assertFalse(json.has(key), key);
        }
        assertEquals(0, json.getAsJsonArray("attempts").size());
        assertEquals("header-timeout", json.get("why").getAsString());
    }

    @Test
    void jsonIsWhatTheFieldsSayOneByOne() {
        Random random = new Random(11);
        for (int i = 0; i < 2_000; i++) {
            TestExchange exchange = someExchange(random);
            StringBuilder expected = new StringBuilder();
            ValueStyle style = new JsonStyle();
            for (LogField field : LogField.values()) {
                out.truncate(0);
                field.in(style).write(exchange, out, clock);
                if (out.length() > 0) {
                    expected.append(expected.isEmpty() ? '{' : ',')
                            .append('"')
                            .append(field.text())
                            .append("\":")
                            .append(new String(out.copy(), StandardCharsets.ISO_8859_1));
                }
            }
            assertEquals(expected + "}", new String(render("json", exchange), StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void keepsNoTextThatClientsChoose() {
        JsonTexts names = new JsonTexts();
        LineBuffer lines = new LineBuffer(64, names);
        for (String format : new String[] {"json", "logfmt", "combined", "{sni} {host} {path} \"{user_agent}\""}) {
            LogFormat compiled = LogFormat.compile(format);
            for (int i = 0; i < 1000; i++) {
                TestExchange exchange = TestExchange.of(
                        "M" + i, "host" + i, "/path" + i, "user-agent", "agent" + i, "referer", "referer" + i);
                exchange.serverName = "name" + i;
                exchange.requestId = ("id" + i).getBytes(StandardCharsets.UTF_8);
                compiled.write(exchange, lines, clock);
                lines.truncate(0);
            }
        }
        assertEquals(256, names.places(), "no more than at first");
    }

    private static TestExchange someExchange(Random random) {
        TestExchange exchange = random.nextBoolean()
                ? new TestExchange()
                : TestExchange.of(
                        "GET",
                        "h" + random.nextInt(),
                        "http://h/p?" + random.nextInt(),
                        "user-agent",
                        "x\"\n" + "y".repeat(random.nextInt(40)));
        exchange.protocol = random.nextBoolean() ? null : "HTTP/1.1";
        exchange.serverName = random.nextBoolean() ? null : "sni" + random.nextInt(600);
        exchange.service = random.nextBoolean() ? null : "service" + random.nextInt(600);
        exchange.connect = random.nextInt() * 1_000L;
        exchange.status = random.nextInt(1_000);
        exchange.requestId = new byte[random.nextInt(3)];
        exchange.why = random.nextBoolean() ? "" : "reset";
        exchange.grpcStatus = random.nextInt(20) - 3;
        return exchange;
    }

    @Test
    void jsonGivesBackWhatAHostileClientSent() {
        String hostile = "\"},{\"status\":200,\n\r\t\u0000\u001b[31m\\ \u007f";
        JsonObject json = json(TestExchange.of("GET", "h", "/", "user-agent", hostile, "referer", "\\\""));

        assertEquals(hostile, json.get("user_agent").getAsString());
        assertEquals("\\\"", json.get("referer").getAsString());
    }

    @Test
    void jsonKeepsUtf8AndReplacesWhatIsNone() {
        String utf8 = new String("grüße €😀".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertEquals(
                "grüße €😀",
                json(TestExchange.of("GET", "h", "/", "user-agent", utf8))
                        .get("user_agent")
                        .getAsString());
        // Latin-1, a cut sequence, an overlong slash, a surrogate, a code point above U+10FFFF
        String broken = "\u00fc|\u00e2\u0082|\u00c0\u00af|\u00ed\u00a0\u0080|\u00f4\u0090\u0080\u0080";
        assertEquals(
                "\ufffd|\ufffd\ufffd|\ufffd\ufffd|\ufffd\ufffd\ufffd|\ufffd\ufffd\ufffd\ufffd",
                json(TestExchange.of("GET", "h", "/", "user-agent", broken))
                        .get("user_agent")
                        .getAsString());
    }

    @Test
    void jsonEscapesControlsAndLineSeparatorsAboveAscii() {
        String text = new String(
                "a\u0085b\u009bc\u2028d\u2029e".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        String line = line("json", TestExchange.of("GET", "h", "/", "user-agent", text));

        assertTrue(line.contains("\"a\\u0085b\\u009bc\\u2028d\\u2029e\""), line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "combined", "logfmt", "{time} {path} \"{user_agent}\" {header.x-foo}"})
    void noBytesWhatsoeverMakeASecondLineOrInvalidUtf8(String format) throws CharacterCodingException {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            String value = new String(noise, StandardCharsets.ISO_8859_1);
            TestExchange exchange = TestExchange.of(
                    value, value, value, "user-agent", value, "referer", value, "x-foo", value, "traceparent", value);
            exchange.requestId = noise;
            exchange.client = noise;
            exchange.serverName = value;
            byte[] line = render(format, exchange);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            assertTrue(text.chars().noneMatch(Character::isISOControl), text);
            if (format.equals("json")) {
                List<String> inOrder = new ArrayList<>(LogField.names());
                inOrder.retainAll(JsonParser.parseString(text).getAsJsonObject().keySet());
                assertEquals(
                        inOrder,
                        new ArrayList<>(
                                JsonParser.parseString(text).getAsJsonObject().keySet()));
                assertTrue(inOrder.size() >= 20, text);
            } else if (format.equals("combined")) {
                assertEquals(6, text.chars().filter(c -> c == '"').count(), text);
            } else if (format.equals("logfmt")) {
                assertEquals(LogField.names(), new ArrayList<>(logfmt(text).keySet()));
            } else {
                assertEquals(4, text.replaceAll("\".*\"", "q").split(" ", -1).length, text);
            }
        }
    }

    @Test
    void combinedIsReadByTheUsualExpression() {
        TestExchange exchange = TestExchange.of(
                "GET", "h", "/a?b=\"c", "user-agent", "Mozilla/5.0 \"x\" \\ \u00fc\n", "referer", "http://r/");
        Matcher m = COMBINED.matcher(line("combined", exchange));

        assertTrue(m.matches());
        assertEquals(
                List.of(
                        "203.0.113.9",
                        "-",
                        "-",
                        "31/Jan/2026:12:34:56 +0000",
                        "GET",
                        "/a?b=\\x22c",
                        "HTTP/1.1",
                        "200",
                        "11",
                        "http://r/",
                        "Mozilla/5.0 \\x22x\\x22 \\x5C \\xFC\\x0A"),
                groups(m));
    }

    @Test
    void combinedHasDashesForWhatIsMissing() {
        TestExchange exchange = new TestExchange();
        exchange.head = null;
        exchange.status = 0;

        assertEquals(
                "203.0.113.9 - - [31/Jan/2026:12:34:56 +0000] \"-\" 000 11 \"-\" \"-\"", line("combined", exchange));
    }

    @Test
    void logfmtGivesBackWhatItWasGiven() {
        TestExchange exchange = TestExchange.of("GET", "h", "/a?b=c", "user-agent", "a \"b\"\n=\\");
        exchange.tls = "TLSv1.3";
        exchange.service = null;
        Map<String, String> pairs = logfmt(line("logfmt", exchange));

        assertEquals(LogField.names(), new ArrayList<>(pairs.keySet()));
        assertEquals("2026-01-31T12:34:56.789Z", pairs.get("time"));
        assertEquals("/a?b=c", pairs.get("path"));
        assertEquals("a \\\"b\\\"\\u000a=\\\\", pairs.get("user_agent"));
        assertEquals("127.0.0.1:9001/reset,127.0.0.1:9002/200", pairs.get("attempts"));
        assertEquals("", pairs.get("service"));
        assertEquals("", pairs.get("why"));
    }

    @Test
    void templatesTakeFieldsHeadersAndBraces() {
        TestExchange exchange = TestExchange.of("GET", "example.com", "/x", "X-Foo", "bar baz");

        assertEquals(
                "2026-01-31T12:34:56.789Z 203.0.113.9 GET example.com/x 200 0.001234 0.001000",
                line("{time} {client} {method} {host}{path} {status} {duration} {first-byte}", exchange));
        assertEquals(
                "{GET} \"bar baz\" bar\\x20baz -",
                line("{{{method}}} \"{header.X-Foo}\" {header.x-foo} {header.no}", exchange));
    }

    @Test
    void pathLeavesOutSchemeAndAuthorityOfAnAbsoluteTarget() {
        assertEquals("/x?y", line("{path}", TestExchange.of("GET", "h", "http://h:80/x?y")));
        assertEquals("?y", line("{path}", TestExchange.of("GET", "h", "http://h?y")));
        assertEquals("/x?u=http://h/", line("{path}", TestExchange.of("GET", "h", "/x?u=http://h/")));
        assertEquals("*", line("{path}", TestExchange.of("OPTIONS", "h", "*")));
        assertEquals("h:443", line("{path}", TestExchange.of("CONNECT", "h", "h:443")));
    }

    @Test
    void aTraceIdIsTakenOnlyFromAWellFormedTraceparent() {
        String id = "0af7651916cd43dd8448eb211c80319c";
        for (String bad :
                List.of("", "00-" + id, "00-" + id.toUpperCase() + "-b7ad6b7169203331-01", "00_" + id + "-b7-01")) {
            assertEquals("-", line("{trace_id}", TestExchange.of("GET", "h", "/", "traceparent", bad)), bad);
        }
        assertEquals(
                id,
                line(
                        "{trace_id}",
                        TestExchange.of("GET", "h", "/", "traceparent", "00-" + id + "-b7ad6b7169203331-01")));
    }

    @Test
    void longValuesAreCut() {
        String path = "/" + "a".repeat(20_000);
        for (String format : List.of("json", "logfmt", "combined", "{path}")) {
            String line = line(format, TestExchange.of("GET", "h", path));
            assertTrue(line.contains("aaa..."), format);
            assertTrue(line.length() < ValueStyle.LONGEST + 1_000, format);
        }
    }

    @Test
    void ownNamesMayHaveAnyLetter() {
        TestExchange exchange = TestExchange.of("GET", "h", "/");
        exchange.service = "größe-€-😀-\ud800";
        JsonObject json = json(exchange);

        assertEquals("größe-€-😀-\ufffd\ufffd\ufffd", json.get("service").getAsString());
    }

    @Test
    void wrongFormatsAreRefusedWithTheReason() {
        assertEquals(
                "unknown field {stauts} at position 10 (expected: " + String.join(", ", LogField.names())
                        + ", or header. and the name of a request header)",
                refusal("{method} {stauts}"));
        assertEquals("{ without } at position 3 (expected: {{ for a brace)", refusal("a {status"));
        assertEquals("} without { at position 1 (expected: }} for a brace)", refusal("} {status}"));
        assertTrue(refusal("jsno").startsWith("unknown format \"jsno\" (expected: json, combined, logfmt, or"));
        assertTrue(refusal("").startsWith("unknown format"));
        assertTrue(refusal("{status}\n{path}").startsWith("a control character at position 9"));
        assertTrue(refusal("{header.}").startsWith("unknown field {header.}"));
    }

    @Test
    void numbersAreWrittenAsJavaWritesThem() {
        for (long n : new long[] {0, 9, 10, 99, 100, -1, -10, 1_000_000, Long.MAX_VALUE, Long.MIN_VALUE}) {
            out.truncate(0);
            out.putNumber(n);
            assertEquals(Long.toString(n), new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aFormatIsUsedAgainAndAgain() {
        TestExchange exchange = TestExchange.of("GET", "h", "/");
        String first = line("json", exchange);
        assertEquals(first, line("json", exchange));
        assertFalse(first.contains("\n"));
    }

    private String refusal(String format) {
        return assertThrows(IllegalArgumentException.class, () -> LogFormat.compile(format))
                .getMessage();
    }

    private JsonObject json(TestExchange exchange) {
        return JsonParser.parseString(line("json", exchange)).getAsJsonObject();
    }

    private String line(String format, TestExchange exchange) {
        return new String(render(format, exchange), StandardCharsets.UTF_8);
    }

    private byte[] render(String format, TestExchange exchange) {
        out.truncate(0);
        LogFormat.compile(format).write(exchange, out, clock);
        return Arrays.copyOf(out.array(), out.length());
    }

    private static Map<String, String> logfmt(String line) {
        Map<String, String> pairs = new LinkedHashMap<>();
        Matcher m = LOGFMT.matcher(line);
        int end = 0;
        while (m.find() && m.start() == end) {
            pairs.put(m.group(1), m.group(2) != null ? m.group(2) : m.group(3));
            end = m.end();
        }
        assertEquals(line.length(), end, line);
        return pairs;
    }

    private static List<String> groups(Matcher m) {
        List<String> groups = new ArrayList<>();
        for (int i = 1; i <= m.groupCount(); i++) {
            groups.add(m.group(i));
        }
        return groups;
    }
}
