package weir.route;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.Location;
import weir.config.RouteConfig;

/** Builds routes for tests. Confined to one thread. */
final class RouteBuilder {
    private final String name;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private @Nullable String host;
    private @Nullable String path;
    private @Nullable String exactPath;
    private @Nullable String pathRegex;
    private @Nullable String stripPrefix;
    private List<String> methods = List.of();
    private RouteConfig.@Nullable Redirect redirect;
    private RouteConfig.@Nullable Respond respond;
    private RouteConfig.HostHeader hostHeader = RouteConfig.HostHeader.KEEP;
    private RouteConfig.HeaderEdits requestEdits = RouteConfig.HeaderEdits.NONE;

    private RouteBuilder(String name) {
        this.name = name;
    }

    static RouteBuilder route(String name) {
        return new RouteBuilder(name);
    }

    static RouteTable table(RouteBuilder... routes) {
        return table(List.of(routes));
    }

    static RouteTable table(List<RouteBuilder> routes) {
        return RouteTable.of(routes.stream().map(RouteBuilder::config).toList(), name -> null);
    }

    RouteBuilder host(@Nullable String value) {
        host = value;
        return this;
    }

    RouteBuilder path(@Nullable String value) {
        path = value;
        return this;
    }

    RouteBuilder exact(@Nullable String value) {
        exactPath = value;
        return this;
    }

    RouteBuilder regex(@Nullable String value) {
        pathRegex = value;
        return this;
    }

    RouteBuilder methods(String... values) {
        methods = List.of(values);
        return this;
    }

    RouteBuilder header(String field, String value) {
        headers.put(field, value);
        return this;
    }

    RouteBuilder strip(String value) {
        stripPrefix = value;
        return this;
    }

    RouteBuilder hostHeader(RouteConfig.HostHeader value) {
        hostHeader = value;
        return this;
    }

    RouteBuilder requestEdits(RouteConfig.HeaderEdits value) {
        requestEdits = value;
        return this;
    }

    RouteBuilder redirect(String to, int status) {
        redirect = new RouteConfig.Redirect(to, status);
        return this;
    }

    RouteBuilder respond(int status, String body, Map<String, String> fields) {
        respond = new RouteConfig.Respond(status, body, fields);
        return this;
    }

    RouteConfig config() {
        return new RouteConfig(
                name,
                host,
                path,
                exactPath,
                pathRegex,
                methods,
                new LinkedHashMap<>(headers),
                redirect == null && respond == null ? "backend" : null,
                redirect,
                respond,
                stripPrefix,
                hostHeader,
                requestEdits,
                RouteConfig.HeaderEdits.NONE,
                null,
                new Location("weir.yaml", 3, 5));
    }
}
