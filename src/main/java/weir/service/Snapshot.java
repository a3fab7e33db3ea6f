package weir.service;

import java.util.List;
import weir.config.ServiceConfig;

/**
 * What a service looks like to a request, published whole. Immutable.
 *
 * @param backends every backend, available or not
 * @param picker over the available ones, or in panic over the ejected ones
 */
record Snapshot(
        ServiceConfig config,
        StatusSet errorStatuses,
        StatusSet retryStatuses,
        List<Backend> backends,
        Picker picker,
        boolean panic) {

    /** The snapshot of these backends: the available ones are picked from, or, when none is, the ejected ones. */
    static Snapshot of(ServiceConfig config, List<Backend> backends, Policy policy) {
        List<Backend> picked = backends.stream().filter(Backend::available).toList();
        boolean panic = false;
        if (picked.isEmpty()) {
            picked = backends.stream().filter(Snapshot::onlyEjected).toList();
            panic = !picked.isEmpty();
        }
        int[] weights = picked.stream().mapToInt(Backend::weight).toArray();
        return new Snapshot(
                config,
                StatusSet.of(config.ejection().statuses()),
                StatusSet.of(config.retry().onStatuses()),
                List.copyOf(backends),
                policy.picker(picked, weights),
                panic);
    }

    private static boolean onlyEjected(Backend backend) {
        List<Unavailability> reasons = backend.unavailabilities();
        return backend.weight() > 0 && reasons.size() == 1 && reasons.get(0).reason() == Reason.EJECTED;
    }
}
