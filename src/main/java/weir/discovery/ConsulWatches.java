package weir.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weir.config.ConsulConfig;

/**
 * Shares the connections that the agents allow among the services: each has a blocking query of its own as long as there
 * are enough, the rest follow by a {@link SharedWatch}. Confined to the control thread, but for the counts.
 */
final class ConsulWatches {
    private static final int MOST_READERS = 3;

    /** Of so many connections one may be a shared watch's reader. */
    private static final int CONNECTIONS_PER_READER = 8;

    private final ConsulAgents agents;
    private final ConsulReader reader;
    private final ConsulReports reports;
    private final ConsulConfig config;
    private final Map<ConsulFollower, ConsulLoop> own = new LinkedHashMap<>();
    private final Map<ConsulQuery.Scope, SharedWatch> shared = new HashMap<>();
    private volatile int ownCount;
    private volatile int sharedCount;

    ConsulWatches(ConsulAgents agents, ConsulConfig config, ConsulReports reports) {
        this.agents = agents;
        this.reader = new ConsulReader(agents);
        this.reports = reports;
        this.config = config;
    }

    /** Follows these and no others. One that has a query of its own keeps it if it can. */
    void follow(Collection<ConsulFollower> followers) {
        Set<ConsulQuery.Scope> scopes = new HashSet<>();
        followers.forEach(follower -> scopes.add(follower.query().scope()));
        int room = followers.size() <= config.maxConnections()
                ? followers.size()
                : Math.max(0, config.maxConnections() - (1 + readers()) * scopes.size());
        Set<ConsulFollower> first = new LinkedHashSet<>(own.keySet());
        first.retainAll(Set.copyOf(followers));
        first.addAll(followers);
        List<ConsulFollower> order = new ArrayList<>(first);
        Set<ConsulFollower> alone = new LinkedHashSet<>(order.subList(0, Math.min(room, order.size())));
        List<ConsulFollower> together = order.subList(alone.size(), order.size());
        own.entrySet().removeIf(entry -> {
            boolean gone = !alone.contains(entry.getKey());
            if (gone) {
                entry.getValue().stop();
            }
            return gone;
        });
        share(together);
        for (ConsulFollower follower : alone) {
            own.computeIfAbsent(follower, f -> OwnWatch.start(f, reader, reports, config.waitTime()));
        }
        ownCount = alone.size();
        sharedCount = together.size();
    }

    private int readers() {
        return Math.max(1, Math.min(MOST_READERS, config.maxConnections() / CONNECTIONS_PER_READER));
    }

    private void share(List<ConsulFollower> followers) {
        Map<ConsulQuery.Scope, List<ConsulFollower>> byScope = new HashMap<>();
        for (ConsulFollower follower : followers) {
            byScope.computeIfAbsent(follower.query().scope(), s -> new ArrayList<>())
                    .add(follower);
        }
        shared.entrySet().removeIf(entry -> {
            boolean gone = !byScope.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().stop();
            }
            return gone;
        });
        byScope.forEach((scope, members) -> shared.computeIfAbsent(
                        scope, s -> new SharedWatch(s, agents, reports, config.waitTime(), readers()))
                .follow(members));
    }

    /** Services with a query of their own. Any thread. */
    int ownCount() {
        return ownCount;
    }

    /** Services that share one. Any thread. */
    int sharedCount() {
        return sharedCount;
    }

    /** Ends all requests. */
    void close() {
        own.values().forEach(ConsulLoop::stop);
        shared.values().forEach(SharedWatch::stop);
        own.clear();
        shared.clear();
    }
}
