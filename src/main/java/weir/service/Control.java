package weir.service;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Function;
import weir.config.ServiceConfig;
import weir.metrics.Metrics;

/**
 * What every service needs of the control plane. Immutable.
 *
 * @param executor runs rebuilds that event loops ask for
 * @param policies makes the policy of a service
 */
record Control(
        Executor executor,
        InstantSource clock,
        Function<ServiceConfig.Balance, Policy> policies,
        OutcomeListener outcomes,
        Metrics metrics) {}
