package weir.discovery;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Follows many services of one datacenter, namespace and partition by few connections: a blocking query over the checks
 * of all of them says which have changed, and a {@link SharedReader} reads those. Thread-safe.
 */
final class SharedWatch implements ConsulLoop.Turn {
    /** An answer has the checks of all services, so that under constant change there must be few of them. */
    private static final Duration INTERVAL = Duration.ofMillis(300);

    private final ConsulQuery.Scope scope;
    private final ConsulAgents agents;
    private final ConsulReports reports;
    private final Duration wait;
    private final SharedReader reader;
    private final ConsulLoop loop;
    private final Map<ConsulFollower, Set<String>> nodes = new ConcurrentHashMap<>();
    private volatile Set<ConsulFollower> members = Set.of();
    private ConsulStates last = ConsulStates.NONE;
    private volatile boolean filters = true;

    SharedWatch(ConsulQuery.Scope scope, ConsulAgents agents, ConsulReports reports, Duration wait, int readers) {
        this.scope = scope;
        this.agents = agents;
        this.reports = reports;
        this.wait = wait;
        this.reader = new SharedReader(new ConsulReader(agents), this::read, reports, readers);
        this.loop = new ConsulLoop("shared", INTERVAL, this);
        loop.start();
    }

    /** Follows these and no others. */
    void follow(Collection<ConsulFollower> followers) {
        if (members.equals(Set.copyOf(followers))) {
            return;
        }
        members = new LinkedHashSet<>(followers);
        nodes.keySet().retainAll(members);
        reader.follow(members);
        // The filter names the services.
        loop.again();
    }

    void stop() {
        loop.stop();
        reader.stop();
    }

    private void read(ConsulFollower follower, ConsulReader.Answer answer) {
        Set<String> on = new HashSet<>();
        for (ConsulInstance instance : answer.instances()) {
            on.add(instance.id().substring(0, instance.id().indexOf('/')));
        }
        nodes.put(follower, on);
        reports.answered(follower, answer);
    }

    @Override
    public long run(ConsulLoop thisLoop) throws ConsulFailure {
        Set<ConsulFollower> now = members;
        ConsulRequest request = scope.on(
                        ConsulRequest.get("/v1/health/state/any").with("stale"))
                .with("filter", filter(now));
        ConsulReply reply = agents.send(thisLoop.blocking(request, wait));
        ConsulStates states = ConsulStates.of(reply.body());
        for (ConsulFollower follower : now) {
            if (states.differs(last, follower.query().consul().service(), nodes.get(follower))) {
                reader.readSoon(follower);
            }
        }
        last = states;
        return reply.index();
    }

    @Override
    public void failed(ConsulFailure failure) {
        if (failure.kind() == ConsulFailure.Kind.REJECTED) {
            filters = false;
        }
        List.copyOf(members).forEach(follower -> reports.failed(follower, failure));
    }

    /** The checks of these services and of nodes; null where the agent does not understand it. */
    private @Nullable String filter(Set<ConsulFollower> followers) {
        if (!filters) {
            return null;
        }
        return followers.stream()
                .map(follower -> quoted(follower.query().consul().service()))
                .distinct()
                .collect(Collectors.joining("|", "ServiceName == \"\" or ServiceName matches `^(", ")$`"));
    }

    private static String quoted(String name) {
        return name.replaceAll("[^A-Za-z0-9_-]", "\\\\$0");
    }
}
