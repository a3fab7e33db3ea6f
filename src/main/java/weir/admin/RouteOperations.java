package weir.admin;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.Method;

/** The routes, and where a request would go. Thread-safe. */
final class RouteOperations {
    private final AdminViews views;

    RouteOperations(AdminViews views) {
        this.views = views;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(Method.GET, "/api/routes", Access.READ, "the routes in order", (r, p) -> routes()),
                new Operation(
                        Method.GET,
                        "/api/explain",
                        Access.READ,
                        "where a request would go: ?method=GET&url=http://host/path&header=name:value",
                        (r, p) -> explain(Query.of(r.query()))));
    }

    private AdminResponse routes() {
        return AdminResponse.json(
                200, Secrets.masked(AdminJson.tree(views.routes().get())));
    }

    private AdminResponse explain(Query query) {
        @Nullable String url = query.first("url");
        if (url == null) {
            throw new IllegalArgumentException("url: missing (expected: ?url=http://host/path)");
        }
        @Nullable String method = query.first("method");
        List<RequestField> fields = new ArrayList<>();
        for (String header : query.all("header")) {
            fields.add(RequestField.of(header));
        }
        ExplainRequest request = ExplainRequest.of(method == null ? "GET" : method, url, fields);
        RouteWalk walk = views.explainer().explain(request);
        @Nullable
        ServiceStatus service = walk.service() == null ? null : views.services().service(walk.service());
        return AdminResponse.json(200, Explanation.of(request, walk, service));
    }
}
