package weir.admin;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weir.service.Service;
import weir.service.Services;

/** The services of the process as the admin API sees and changes them. Thread-safe. */
public final class LiveServices implements ServiceView, BackendControl {

    private final Services services;

    /** A view of these. */
    public LiveServices(Services services) {
        this.services = services;
    }

    @Override
    public List<ServiceStatus> services() {
        return services.all().stream().map(ServiceStatus::of).toList();
    }

    @Override
    public @Nullable ServiceStatus service(String name) {
        Service service = services.service(name);
        return service == null ? null : ServiceStatus.of(service);
    }

    @Override
    public boolean drain(String service, String address) {
        return on(service, s -> s.drain(address));
    }

    @Override
    public boolean disable(String service, String address) {
        return on(service, s -> s.disable(address));
    }

    @Override
    public boolean enable(String service, String address) {
        return on(service, s -> s.enable(address));
    }

    @Override
    public boolean weight(String service, String address, int weight) {
        return on(service, s -> s.weight(address, weight));
    }

    @Override
    public boolean resetWeight(String service, String address) {
        return on(service, s -> s.resetWeight(address));
    }

    private boolean on(String name, Predicate<Service> change) {
        Service service = services.service(name);
        return service != null && change.test(service);
    }
}
