package weir.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.admin.Candidate;
import weir.admin.ExplainRequest;
import weir.admin.Explanation;
import weir.admin.RouteWalk;
import weir.config.Configuration;
import weir.config.Problem;
import weir.config.Reading;
import weir.config.ServiceConfig;
import weir.route.RouteTable;

/** Explains from a configuration file alone: no process is asked, no name resolved. Immutable. */
final class OfflineExplanation {
    private OfflineExplanation() {}

    /** The configuration file is wrong. */
    static final class BadConfiguration extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<Problem> problems;

        BadConfiguration(List<Problem> problems) {
            super("bad configuration");
            this.problems = List.copyOf(problems);
        }

        List<Problem> problems() {
            return problems;
        }
    }

    /**
     * The walk through the configuration's routes, and the backends it names.
     *
     * @throws BadConfiguration when something is wrong with it
     */
    static Explanation of(Reading reading, ExplainRequest request) throws BadConfiguration {
        Configuration configuration = reading.configuration();
        if (configuration == null) {
            throw new BadConfiguration(reading.problems());
        }
        RouteTable table = RouteTable.of(configuration.routes(), name -> null);
        RouteWalk walk = new RouteTableExplainer(() -> table, configuration).explain(request);
        @Nullable
        ServiceConfig service =
                walk.service() == null ? null : configuration.services().get(walk.service());
        return new Explanation(
                request,
                walk.steps(),
                walk.route(),
                walk.answer(),
                walk.service(),
                walk.forwardedTarget(),
                false,
                service == null ? List.of() : candidates(service));
    }

    private static List<Candidate> candidates(ServiceConfig service) {
        List<Candidate> candidates = new ArrayList<>();
        for (ServiceConfig.StaticBackend b : service.backends()) {
            boolean pickable = b.weight() > 0;
            candidates.add(new Candidate(
                    b.address().toString(),
                    b.weight(),
                    pickable ? "configured" : "weight-0",
                    pickable,
                    pickable ? "its state is known only to a running process (--admin)" : "its weight is 0"));
        }
        return candidates;
    }
}
