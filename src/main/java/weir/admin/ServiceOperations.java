package weir.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Method;

/** The services with their backends, and what an operator does to one. Thread-safe. */
final class ServiceOperations {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceOperations.class);
    private static final String BACKEND = "/api/services/{service}/backends/{address}";
    private static final int MAXIMUM_WEIGHT = 65_535;

    private final ServiceView services;
    private final BackendControl backends;

    ServiceOperations(ServiceView services, BackendControl backends) {
        this.services = services;
        this.backends = backends;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(Method.GET, "/api/services", Access.READ, "every service", (r, p) -> services()),
                new Operation(Method.GET, "/api/services/{service}", Access.READ, "one service", (r, p) -> service(p)),
                change(
                        Method.POST,
                        "/drain",
                        "no new requests, those under way end",
                        (s, a, r) -> backends.drain(s, a)),
                change(Method.POST, "/disable", "out at once", (s, a, r) -> backends.disable(s, a)),
                change(Method.POST, "/enable", "takes drain and disable back", (s, a, r) -> backends.enable(s, a)),
                change(Method.PUT, "/weight", "sets the weight: 3, or {\"weight\": 3}", (s, a, r) -> {
                    return backends.weight(s, a, weight(r.body()));
                }),
                change(Method.DELETE, "/weight", "takes the set weight back", (s, a, r) -> {
                    return backends.resetWeight(s, a);
                }));
    }

    private AdminResponse services() {
        return AdminResponse.json(200, Map.of("services", services.services()));
    }

    private AdminResponse service(Map<String, String> parameters) {
        String name = parameters.getOrDefault("service", "");
        ServiceStatus service = services.service(name);
        return service == null ? noService(name) : AdminResponse.json(200, service);
    }

    /** A change of one backend; false when there is none. */
    @FunctionalInterface
    private interface Change {
        boolean apply(String service, String address, AdminRequest request);
    }

    private Operation change(Method method, String what, String does, Change change) {
        return new Operation(method, BACKEND + what, Access.CHANGE, does, (r, p) -> {
            String service = p.getOrDefault("service", "");
            String address = p.getOrDefault("address", "");
            boolean done = change.apply(service, address, r);
            if (done) {
                LOG.info(
                        "{} {} of backend {} of service {} by {}",
                        method,
                        what.substring(1),
                        address,
                        service,
                        r.caller().peer().getHostAddress());
            }
            return done ? changed(service, address) : nothing(service, address);
        });
    }

    private AdminResponse changed(String service, String address) {
        BackendStatus backend = backend(services.service(service), address);
        return backend == null ? nothing(service, address) : AdminResponse.json(200, backend);
    }

    private AdminResponse nothing(String service, String address) {
        return services.service(service) == null
                ? noService(service)
                : AdminResponse.error(404, "service " + service + " has no backend " + address);
    }

    private static AdminResponse noService(String name) {
        return AdminResponse.error(404, "no service " + name);
    }

    private static @Nullable BackendStatus backend(@Nullable ServiceStatus service, String address) {
        if (service != null) {
            for (BackendStatus b : service.backends()) {
                if (b.address().equals(address)) {
                    return b;
                }
            }
        }
        return null;
    }

    private static int weight(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        try {
            JsonElement json = JsonParser.parseString(text);
            JsonElement number = json instanceof JsonObject object ? object.get("weight") : json;
            if (number != null
                    && number.isJsonPrimitive()
                    && number.getAsJsonPrimitive().isNumber()) {
                int weight = new BigDecimal(number.getAsString()).intValueExact();
                if (weight >= 0 && weight <= MAXIMUM_WEIGHT) {
                    return weight;
                }
            }
        } catch (JsonParseException | ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(expected(text), e);
        }
        throw new IllegalArgumentException(expected(text));
    }

    private static String expected(String text) {
        return "weight: " + (text.length() > 40 ? text.substring(0, 40) + "…" : text)
                + " (expected: a whole number from 0 to " + MAXIMUM_WEIGHT + ", or {\"weight\": 3})";
    }
}
