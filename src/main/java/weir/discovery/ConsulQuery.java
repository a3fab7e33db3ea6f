package weir.discovery;

import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;

/**
 * What is asked of Consul for one service. Immutable.
 *
 * @param consul the service and what narrows it
 */
record ConsulQuery(ServiceConfig.Consul consul) {
    /** Where a watch over checks of many services can see: datacenter, namespace, partition. */
    record Scope(
            @Nullable String datacenter,
            @Nullable String namespace,
            @Nullable String partition) {
        ConsulRequest on(ConsulRequest request) {
            return request.with("dc", datacenter).with("ns", namespace).with("partition", partition);
        }
    }

    Scope scope() {
        return new Scope(consul.datacenter(), consul.namespace(), consul.partition());
    }

    /** Reads the instances; any server may answer, so that a lost leader hides nothing. */
    ConsulRequest request() {
        ConsulRequest request = ConsulRequest.get("/v1/health/service/" + ConsulRequest.segment(consul.service()))
                .with("stale");
        consul.tags().forEach(tag -> request.with("tag", tag));
        return scope().on(request).with("near", consul.near()).with("filter", consul.filter());
    }
}
