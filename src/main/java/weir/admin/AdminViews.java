package weir.admin;

import java.util.function.Supplier;
import weir.loop.Heartbeats;

/**
 * What the admin API shows. Immutable; each view is thread-safe and answers from snapshots.
 *
 * @param metrics the Prometheus text in UTF-8
 * @param loops which event loops live
 */
public record AdminViews(
        ServiceView services,
        Supplier<RunningConfiguration> configuration,
        Supplier<RunningRoutes> routes,
        Explainer explainer,
        Supplier<Readiness> readiness,
        Supplier<byte[]> metrics,
        Heartbeats loops) {}
