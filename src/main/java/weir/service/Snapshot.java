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

    static Snapshot of(ServiceConfig config, List<Backend> backends, Picker picker, boolean panic) {
        return new Snapshot(
                config,
                StatusSet.of(config.ejection().statuses()),
                StatusSet.of(config.retry().onStatuses()),
                List.copyOf(backends),
                picker,
                panic);
    }
}
