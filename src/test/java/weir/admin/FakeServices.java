package weir.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.service.Reason;
import weir.service.Unavailability;

/** Two services: hello with an IPv4 and an IPv6 backend, and one whose name needs percent-encoding. */
public final class FakeServices implements ServiceView, BackendControl {
    static final Instant SINCE = Instant.parse("2026-01-02T03:04:05Z");

    private final Map<String, List<BackendStatus>> backends = new LinkedHashMap<>();
    final List<String> calls = new ArrayList<>();

    FakeServices() {
        backends.put("hello", new ArrayList<>(List.of(backend("127.0.0.1:9001", 2), backend("[::1]:9002", 1))));
        backends.put("a/b ü", new ArrayList<>());
    }

    public static BackendStatus backend(String address, int weight, Unavailability... reasons) {
        List<Unavailability> list = List.of(reasons);
        String state = BackendStatus.state(list, weight);
        return new BackendStatus(
                address, address, weight, false, null, null, null, List.of(), Map.of(), state, "none", 3, 4, 100, 5,
                1.25, list);
    }

    public static Unavailability reason(Reason reason, @Nullable Instant until, String why) {
        return new Unavailability(reason, SINCE, until, why);
    }

    private static ServiceStatus status(String name, List<BackendStatus> list) {
        int available = (int) list.stream().filter(BackendStatus::available).count();
        return new ServiceStatus(name, ServiceConfig.Balance.ROUND_ROBIN, available, available == 0, 5, null, list);
    }

    public void replace(String service, BackendStatus... list) {
        backends.put(service, new ArrayList<>(List.of(list)));
    }

    @Override
    public List<ServiceStatus> services() {
        List<ServiceStatus> all = new ArrayList<>();
        backends.forEach((name, list) -> all.add(status(name, list)));
        return all;
    }

    @Override
    public @Nullable ServiceStatus service(String name) {
        List<BackendStatus> list = backends.get(name);
        return list == null ? null : status(name, list);
    }

    @Override
    public boolean drain(String service, String address) {
        return put(service, address, "drain", 2, reason(Reason.DRAINED, null, "set by an operator"));
    }

    @Override
    public boolean disable(String service, String address) {
        return put(service, address, "disable", 2, reason(Reason.DISABLED, null, "set by an operator"));
    }

    @Override
    public boolean enable(String service, String address) {
        return put(service, address, "enable", 2);
    }

    @Override
    public boolean weight(String service, String address, int weight) {
        return put(service, address, "weight " + weight, weight);
    }

    @Override
    public boolean resetWeight(String service, String address) {
        return put(service, address, "reset weight", 2);
    }

    private boolean put(String service, String address, String call, int weight, Unavailability... reasons) {
        List<BackendStatus> list = backends.getOrDefault(service, List.of());
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).address().equals(address)) {
                calls.add(call + ' ' + service + ' ' + address);
                list.set(i, backend(address, weight, reasons));
                return true;
            }
        }
        return false;
    }
}
