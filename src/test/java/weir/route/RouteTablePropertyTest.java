package weir.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.route.RouteBuilder.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.config.RouteConfig;
import weir.http.PathNormalizer;
import weir.http.RequestHead;

/** The index, the walk that explains, and a reading of the rules on strings must agree on every request. */
class RouteTablePropertyTest {
    private static final String[] HOSTS = {
        "a.com", "b.com", "x.a.com", "y.x.a.com", "com", "[::1]", "127.0.0.1", "a.com.b", "aXcom", ""
    };
    private static final String[] HOST_PATTERNS = {
        "a.com", "b.com", "x.a.com", "*.a.com", "*.x.a.com", "*.com", "[::1]", "127.0.0.1", "*.b"
    };
    private static final String[] SEGMENTS = {"/", "/a", "/b", "/ab", "/a.b", "/1"};
    private static final String[] EXPRESSIONS = {"^/a", "b$", "[0-9]", "//", "^/$", "a.*b"};
    private static final String[] METHODS = {"GET", "POST", "PURGE", "OPTIONS"};
    private static final String[] FIELDS = {"cookie", "x-canary", "x-b"};

    private final Random random = new Random(20_240_817);

    private record Request(String method, String host, String path, List<Map.Entry<String, String>> headers) {}

    @Test
    void indexAgreesWithWalkAndWithTheRules() {
        int matched = 0;
        int rounds = 0;
        for (int t = 0; t < 400; t++) {
            List<RouteConfig> configs = new ArrayList<>();
            for (int n = random.nextInt(25); n > 0; n--) {
                configs.add(randomRoute("r" + n));
            }
            RouteTable table = RouteTable.of(configs, name -> null);
            for (int r = 0; r < 50; r++) {
                Request request = randomRequest();
                String expected = firstByTheRules(configs, request);
                assertEquals(expected, byIndex(table, request), () -> request + " in " + configs);
                assertEquals(expected, byWalk(table, request), () -> request + " in " + configs);
                matched += expected == null ? 0 : 1;
                rounds++;
            }
        }
        assertTrue(matched > rounds / 4 && matched < rounds, matched + " of " + rounds);
    }

    private static @Nullable String byIndex(RouteTable table, Request request) {
        RequestHead head = RequestSketch.head(request.method, request.host, request.path, request.headers);
        assertTrue(PathNormalizer.normalize(head));
        Route route = table.match(head);
        return route == null ? null : route.name();
    }

    private static @Nullable String byWalk(RouteTable table, Request request) {
        Explanation e = table.explain(request.method, request.host, request.path, request.headers);
        int steps = e.steps().size();
        for (Explanation.Step step : e.steps()) {
            boolean last = step.number() == steps - 1;
            assertEquals(last && e.route() != null, step.matched());
            assertEquals(step.matched(), step.mismatch() == null);
        }
        if (e.route() == null) {
            assertEquals(table.routes().size(), steps);
        }
        return e.route();
    }

    private static @Nullable String firstByTheRules(List<RouteConfig> routes, Request q) {
        for (RouteConfig r : routes) {
            if (hostFits(r.host(), q.host.toLowerCase(java.util.Locale.ROOT))
                    && pathFits(r, q.path)
                    && (r.methods().isEmpty() || r.methods().contains(q.method))
                    && r.headers().entrySet().stream().allMatch(c -> fieldFits(c, q))) {
                return r.name();
            }
        }
        return null;
    }

    private static boolean hostFits(@Nullable String pattern, String host) {
        return pattern == null
                || pattern.equals(host)
                || pattern.startsWith("*") && host.matches(".+" + Pattern.quote(pattern.substring(1)));
    }

    private static boolean pathFits(RouteConfig r, String path) {
        String prefix = r.path();
        String exact = r.exactPath();
        String regex = r.pathRegex();
        boolean asterisk = path.equals("*");
        if (exact != null) {
            return exact.equals(path);
        }
        if (regex != null) {
            return !asterisk && Pattern.compile(regex).matcher(path).find();
        }
        if (prefix == null || prefix.equals("/")) {
            return true;
        }
        return path.equals(prefix) || path.startsWith(prefix.endsWith("/") ? prefix : prefix + '/');
    }

    private static boolean fieldFits(Map.Entry<String, String> condition, Request q) {
        return q.headers.stream()
                .filter(h -> h.getKey().equalsIgnoreCase(condition.getKey()))
                .anyMatch(h ->
                        condition.getValue().equals("*") || condition.getValue().equals(h.getValue()));
    }

    private RouteConfig randomRoute(String name) {
        RouteBuilder route = route(name);
        if (random.nextInt(3) > 0) {
            route.host(one(HOST_PATTERNS));
        }
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> route.path(randomPath());
            case 3, 4 -> route.exact(randomPath());
            case 5, 6 -> route.regex(one(EXPRESSIONS));
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            route.methods(one(METHODS), "GET");
        }
        if (random.nextInt(4) == 0) {
            route.header(one(FIELDS), random.nextBoolean() ? "*" : "1");
        }
        return route.config();
    }

    private Request randomRequest() {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            String name = one(FIELDS);
            headers.add(Map.entry(
                    random.nextBoolean() ? name : name.toUpperCase(java.util.Locale.ROOT),
                    random.nextBoolean() ? "1" : "2"));
        }
        String host = one(HOSTS);
        return new Request(
                one(METHODS),
                random.nextBoolean() ? host : host.toUpperCase(java.util.Locale.ROOT),
                random.nextInt(20) == 0 ? "*" : randomPath(),
                headers);
    }

    private String randomPath() {
        StringBuilder path = new StringBuilder();
        for (int n = random.nextInt(4); n >= 0; n--) {
            path.append(one(SEGMENTS));
        }
        return path.toString();
    }

    private String one(String[] values) {
        return values[random.nextInt(values.length)];
    }
}
