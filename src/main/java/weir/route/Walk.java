package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weir.config.RouteConfig;
import weir.http.PathNormalizer;
import weir.http.RequestHead;

/**
 * Asks the routes of a table one after the other, without the index, and keeps why each one does not match. Slow;
 * for people. Immutable.
 */
final class Walk {
    private final RouteTable table;

    Walk(RouteTable table) {
        this.table = table;
    }

    /** Explains a request whose path is as received. */
    Explanation explain(RequestHead head) {
        String host = head.text(head.host()).toLowerCase(Locale.ROOT);
        if (!PathNormalizer.normalize(head)) {
            return new Explanation(host, null, List.of(), null, null, null, null);
        }
        String path = head.text(head.path());
        List<Explanation.Step> steps = new ArrayList<>();
        for (Route route : table.routes()) {
            String mismatch = mismatch(route, head, host);
            steps.add(new Explanation.Step(
                    route.number(), route.name(), route.config().location().toString(), mismatch == null, mismatch));
            if (mismatch == null) {
                return won(route, head, host, path, steps);
            }
        }
        return new Explanation(host, path, steps, null, null, null, null);
    }

    private static Explanation won(
            Route route, RequestHead head, String host, String path, List<Explanation.Step> steps) {
        String service = route.config().service();
        route.applyRewrite(head);
        String action = service != null ? "service" : route.redirect() != null ? "redirect" : "respond";
        String forwarded = service != null ? head.text(head.forwardedPath()) : null;
        return new Explanation(host, path, steps, route.name(), action, service, forwarded);
    }

    private static @Nullable String mismatch(Route route, RequestHead head, String host) {
        RouteConfig config = route.config();
        if (!HostIndex.matches(config.host(), host)) {
            return "host is not " + config.host();
        }
        if (!route.pathPattern().matches(head)) {
            return switch (route.pathPattern().kind()) {
                case EXACT -> "path is not " + route.pathPattern().text();
                case EXPRESSION -> "path does not match " + route.pathPattern().text();
                default -> "path does not begin with " + route.pathPattern().text();
            };
        }
        if (!route.conditions().acceptMethod(head)) {
            return "method is not " + String.join(" or ", config.methods());
        }
        byte[] missing = route.conditions().firstMissingField(head);
        if (missing == null) {
            return null;
        }
        String name = new String(missing, StandardCharsets.US_ASCII);
        String value = config.headers().get(name);
        return "*".equals(value) ? "header " + name + " is missing" : "header " + name + " is not " + value;
    }
}
