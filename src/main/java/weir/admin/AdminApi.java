package weir.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Method;

/**
 * The operations of the admin API by method and path. Reads are answered at once, changes on the control executor.
 * Thread-safe.
 */
final class AdminApi {
    private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

    private final List<Operation> operations = new ArrayList<>();
    private final AccessRules rules;
    private final Executor control;

    AdminApi(AdminViews views, AdminControls controls, AccessRules rules) {
        this.rules = rules;
        this.control = controls.executor();
        operations.add(new Operation(Method.GET, "/", Access.READ, "this index", (r, p) -> index()));
        operations.addAll(new ProcessOperations(views, controls).operations());
        operations.addAll(new ServiceOperations(views.services(), controls.backends()).operations());
        operations.addAll(new RouteOperations(views).operations());
    }

    /** Answers a request, once; for a change on the control executor, else before this returns. */
    void answer(AdminRequest request, Consumer<AdminResponse> answered) {
        TreeSet<String> allowed = new TreeSet<>();
        try {
            for (Operation o : operations) {
                Map<String, String> parameters = o.match(request.path());
                if (parameters != null && o.takes(request.method())) {
                    answer(o, request, parameters, answered);
                    return;
                }
                if (parameters != null) {
                    allow(allowed, o.method());
                }
            }
        } catch (IllegalArgumentException e) {
            answered.accept(AdminResponse.error(400, String.valueOf(e.getMessage())));
            return;
        }
        answered.accept(nothing(allowed));
    }

    private void answer(
            Operation operation,
            AdminRequest request,
            Map<String, String> parameters,
            Consumer<AdminResponse> answered) {
        AdminResponse refusal = rules.refusal(request.caller(), operation.access());
        if (refusal != null) {
            answered.accept(refusal);
        } else if (operation.access() == Access.CHANGE) {
            change(operation, request, parameters, answered);
        } else {
            answered.accept(run(operation, request, parameters));
        }
    }

    private void change(
            Operation operation,
            AdminRequest request,
            Map<String, String> parameters,
            Consumer<AdminResponse> answered) {
        try {
            control.execute(() -> answered.accept(run(operation, request, parameters)));
        } catch (RejectedExecutionException e) {
            answered.accept(AdminResponse.error(503, "shutting down: nothing is changed any more"));
        }
    }

    private static AdminResponse run(Operation operation, AdminRequest request, Map<String, String> parameters) {
        try {
            return operation.action().answer(request, parameters);
        } catch (IllegalArgumentException e) {
            return AdminResponse.error(400, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("admin API: {} {} failed", operation.method(), operation.path(), e);
            return AdminResponse.error(500, "internal error; the log says more");
        }
    }

    private static AdminResponse nothing(TreeSet<String> allowed) {
        if (allowed.isEmpty()) {
            return AdminResponse.error(404, "no such path (expected: one of those that GET / lists)");
        }
        String methods = String.join(", ", allowed);
        return AdminResponse.error(405, "method not allowed (expected: " + methods + ")")
                .with("allow", methods);
    }

    private static void allow(TreeSet<String> allowed, Method method) {
        allowed.add(method.name());
        if (method == Method.GET) {
            allowed.add(Method.HEAD.name());
        }
    }

    private AdminResponse index() {
        List<Map<String, @Nullable Object>> lines = new ArrayList<>();
        for (Operation o : operations) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("method", o.method().name());
            line.put("path", o.path());
            line.put("does", o.does());
            lines.add(line);
        }
        return AdminResponse.json(200, Map.of("endpoints", lines));
    }
}
