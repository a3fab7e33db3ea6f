package weir.discovery;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.service.DiscoveryStatus;
import weir.service.Endpoint;
import weir.service.Service;

/**
 * One service and what Consul last said of it: keeps it when Consul says nothing, and gives its instances to the
 * service. Confined to the control thread, but for {@link #service}, {@link #query} and {@link #answered}.
 */
final class ConsulFollower {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulDiscovery.class);
    private static final String SOURCE = "consul";

    private final Service service;
    private final ConsulQuery query;
    private final ShrinkGuard guard;
    private Duration staleAfter;
    private List<ConsulInstance> inForce = List.of();
    private @Nullable List<Endpoint> pushed;
    private Map<String, String> pushedAgainst = Map.of();
    private @Nullable Instant answeredAt;
    private boolean cached;
    private boolean stale;
    private @Nullable String problem;
    private volatile boolean answered;

    ConsulFollower(Service service, ConsulQuery query, Duration shrinkHold, Duration staleAfter) {
        this.service = service;
        this.query = query;
        this.guard = new ShrinkGuard(shrinkHold);
        this.staleAfter = staleAfter;
        service.discovery(new DiscoveryStatus(SOURCE, null, false, false, 0, null));
    }

    Service service() {
        return service;
    }

    ConsulQuery query() {
        return query;
    }

    /** Whether there was an answer, believed or not, or the cache had one. Any thread. */
    boolean answered() {
        return answered;
    }

    /** Takes new settings over; those held already stay as long as they were told. */
    void settings(Duration shrinkHold, Duration newStaleAfter) {
        guard.hold(shrinkHold);
        staleAfter = newStaleAfter;
    }

    /** Starts with what an earlier process was told. */
    void restore(ConsulCache.Entry entry, long nowNanos) {
        answeredAt = Instant.ofEpochMilli(entry.answeredMillis());
        cached = true;
        answered = true;
        inForce = guard.accept(entry.instances(), nowNanos);
        LOG.info("service {}: {} instances of the cache, until Consul answers", service.name(), inForce.size());
        push();
    }

    /** Takes an answer over; returns what is in force. */
    List<ConsulInstance> answered(List<ConsulInstance> answer, long nowNanos, Instant now) {
        int before = guard.held();
        answeredAt = now;
        cached = false;
        answered = true;
        problem = null;
        inForce = guard.accept(answer, nowNanos);
        if (guard.held() > 0 && before == 0) {
            LOG.warn(
                    "service {}: {} of {} instances are gone from Consul at once, they are held for now",
                    service.name(),
                    guard.held(),
                    inForce.size());
        }
        push();
        return inForce;
    }

    /** Notes why there is no answer; nothing else changes. Returns whether that is news. */
    boolean failed(ConsulFailure failure) {
        boolean isNew = problem == null;
        problem = String.valueOf(failure.getMessage());
        // Consul was asked and did answer; that it may not be believed is no reason to stay unready.
        answered |= failure.kind() == ConsulFailure.Kind.NOT_BELIEVED;
        status();
        return isNew;
    }

    /** Lets held instances go whose time has come, and looks at the age. */
    void tick(long nowNanos, Instant now) {
        if (guard.held() > 0) {
            List<ConsulInstance> left = guard.expire(nowNanos);
            if (left.size() < inForce.size()) {
                LOG.warn(
                        "service {}: {} instances stay away from Consul and are let go",
                        service.name(),
                        inForce.size() - left.size());
                inForce = left;
                push();
            }
        }
        boolean old = answeredAt != null && Duration.between(answeredAt, now).compareTo(staleAfter) > 0;
        if (old != stale) {
            stale = old;
            if (old) {
                LOG.warn("service {}: no answer of Consul since {}, its endpoints stay", service.name(), answeredAt);
            } else {
                LOG.info("service {}: Consul answers again", service.name());
            }
            status();
        }
    }

    private void push() {
        List<Endpoint> endpoints = new ArrayList<>(inForce.size());
        Map<String, String> against = new HashMap<>();
        for (ConsulInstance instance : inForce) {
            Endpoint endpoint = endpoint(instance);
            endpoints.add(endpoint);
            if (instance.against() != null) {
                against.put(endpoint.address(), instance.against());
            }
        }
        status();
        if (!endpoints.equals(pushed) || !against.equals(pushedAgainst)) {
            pushed = endpoints;
            pushedAgainst = against;
            service.endpoints(endpoints, against);
        }
    }

    private void status() {
        service.discovery(new DiscoveryStatus(SOURCE, answeredAt, cached, stale, guard.held(), problem));
    }

    private static Endpoint endpoint(ConsulInstance instance) {
        InetSocketAddress socketAddress = new InetSocketAddress(literal(instance.ip()), instance.port());
        String address = NetUtil.toSocketAddressString(socketAddress);
        return new Endpoint(
                address,
                socketAddress,
                instance.host().equals(instance.ip()) ? address : instance.host() + ':' + instance.port(),
                instance.weight(),
                instance.zone(),
                instance.tags(),
                instance.meta(),
                instance.id());
    }

    private static InetAddress literal(String ip) {
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(ip);
        if (address == null) {
            throw new IllegalStateException("ip: " + ip + " (expected: an IP literal)", new UnknownHostException(ip));
        }
        return address;
    }
}
