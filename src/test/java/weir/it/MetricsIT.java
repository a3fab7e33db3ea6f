package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** The Prometheus text of the real process: well formed, and it counts what was sent. */
@WithWeir
@Timeout(60)
final class MetricsIT {
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\",?)*})? "
                    + "(NaN|[+-]Inf|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");

    private final WeirProcess weir;

    MetricsIT(WeirProcess weir) {
        this.weir = weir;
    }

    /** Every sample by its name with labels; fails when the text is not the format 0.0.4. */
    private Map<String, Double> scrape() throws IOException, InterruptedException {
        Map<String, Double> samples = new HashMap<>();
        Set<String> typed = new HashSet<>();
        for (String line : weir.admin("GET", "/metrics").body().split("\n")) {
            if (line.startsWith("# TYPE ")) {
                assertTrue(typed.add(line.split(" ")[2]), () -> "typed twice: " + line);
            } else if (!line.startsWith("#")) {
                Matcher matcher = SAMPLE.matcher(line);
                assertTrue(matcher.matches(), () -> "no sample: " + line);
                String family = matcher.group(1).replaceFirst("_(bucket|sum|count)$", "");
                assertTrue(typed.contains(family) || typed.contains(matcher.group(1)), () -> "no type: " + line);
                String key = matcher.group(1) + (matcher.group(2) == null ? "" : matcher.group(2));
                String value = matcher.group(3).replace("Inf", "Infinity");
                assertEquals(null, samples.put(key, Double.valueOf(value)), () -> "twice: " + line);
            }
        }
        return samples;
    }

    /** The sum of the samples of that name whose labels contain these texts. */
    private static double sum(Map<String, Double> samples, String name, String... labels) {
        double sum = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            boolean wanted = sample.getKey().equals(name) || sample.getKey().startsWith(name + "{");
            for (String label : labels) {
                wanted &= sample.getKey().contains(label);
            }
            sum += wanted ? sample.getValue() : 0;
        }
        return sum;
    }

    @Test
    void countsWhatWasSent() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                String status = RawHead.target(head).startsWith("/bad") ? "500 Bad" : "200 OK";
                connection.send("HTTP/1.1 " + status + "\r\nContent-Length: 5\r\n\r\nhello");
            }
        })) {
            weir.use("""
                    routes: [{name: main, path: /, service: counted}]
                    services: {counted: {backends: [%s]}}
                    """.formatted(backend.address()));
            int logged = linesOfOthers();
            String post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc";
            Map<String, Double> before = scrape();
            for (int i = 0; i < 20; i++) {
                assertEquals(200, RawClient.exchange(weir.port(), post).status());
            }
            for (int i = 0; i < 7; i++) {
                assertEquals(500, RawClient.get(weir.port(), "/bad").status());
            }
            RawClient.exchange(weir.port(), "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
            Await.until(() -> weir.stdoutLines().size() == logged + 28, () -> "lines are missing");
            Map<String, Double> after = scrape();
            String[] main = {"listener=\"web\"", "route=\"main\"", "service=\"counted\""};
            assertEquals(20, grown(before, after, "weir_requests_total", main[0], main[1], main[2], "\"2xx\""));
            assertEquals(7, grown(before, after, "weir_requests_total", main[0], main[1], main[2], "\"5xx\""));
            assertEquals(1, grown(before, after, "weir_requests_total", "\"4xx\""));
            assertEquals(27, grown(before, after, "weir_request_duration_seconds_count", main));
            assertEquals(27, grown(before, after, "weir_time_to_first_byte_seconds_count", main));
            assertEquals(27, grown(before, after, "weir_request_duration_seconds_bucket", "+Inf", main[1]));
            assertEquals(27, grown(before, after, "weir_backend_requests_total", backend.address(), main[2]));
            assertEquals(60, grown(before, after, "weir_bytes_total", "received"));
            assertTrue(grown(before, after, "weir_bytes_total", "sent") >= 27 * 5);
            assertEquals(28, grown(before, after, "weir_access_log_lines_total"));
            assertEquals(28, grown(before, after, "weir_connections_accepted_total"));
            assertEquals(0, sum(after, "weir_access_log_dropped_total"));
            Await.until(this::silent, () -> "gauges do not come down");
        }
    }

    private boolean silent() throws IOException, InterruptedException {
        return sum(scrape(), "weir_requests_in_flight") == 0 && sum(scrape(), "weir_connections_open") == 0;
    }

    /** How many lines other tests of the same process have left, when the last of them is written. */
    private int linesOfOthers() throws Exception {
        // A request whose client left and whose backend never answers ends after 30 s.
        for (int i = 0; i < 60 && !silent(); i++) {
            Thread.sleep(1000);
        }
        int[] seen = {-1};
        Await.until(
                () -> {
                    int before = seen[0];
                    seen[0] = weir.stdoutLines().size();
                    Thread.sleep(300); // lines are handed over every 100 ms
                    return before == seen[0] && seen[0] == weir.stdoutLines().size();
                },
                () -> "lines keep coming");
        return seen[0];
    }

    private static double grown(Map<String, Double> before, Map<String, Double> after, String name, String... labels) {
        return sum(after, name, labels) - sum(before, name, labels);
    }

    @Test
    void dropsTheSeriesOfABackendThatLeft() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            String config = "routes: [{path: /, service: app}]\nservices: {app: {backends: [%s]}}\n";
            weir.use(config.formatted(backend.address()));
            RawClient.get(weir.port(), "/");
            assertNotNull(
                    scrape().get("weir_backend_available{service=\"app\",backend=\"" + backend.address() + "\"}"));
            weir.use(config.formatted("127.0.0.1:1"));
            assertTrue(scrape().keySet().stream().noneMatch(key -> key.contains(backend.address())));
        }
    }

    @Test
    void measuresTheProcess() throws Exception {
        Map<String, Double> samples = scrape();
        assertTrue(sum(samples, "weir_event_loop_lag_seconds_count") > 0);
        assertTrue(sum(samples, "weir_direct_memory_bytes") > 0);
        assertEquals(1, sum(samples, "weir_build_info"));
        assertTrue(sum(samples, "process_open_fds") > 0);
    }
}
