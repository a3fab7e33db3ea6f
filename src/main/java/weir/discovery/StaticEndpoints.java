package weir.discovery;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.StaticBackend;
import weir.service.Endpoint;
import weir.service.Service;

/** The endpoints that the configuration names for one service. Confined to the control thread, but for answered. */
final class StaticEndpoints {
    private final Service service;
    private final DiscoveryThread thread;
    private List<StaticBackend> backends = List.of();
    private Duration refresh = Duration.ZERO;
    private volatile Map<String, NameWatch> watches = Map.of();
    private @Nullable List<Endpoint> pushed;

    StaticEndpoints(Service service, DiscoveryThread thread) {
        this.service = service;
        this.thread = thread;
    }

    /** Takes over what the configuration says now: addresses count at once, names that stay keep their last answer. */
    void follow(ServiceConfig config) {
        if (config.backends().equals(backends) && config.dnsRefresh().equals(refresh) && pushed != null) {
            return;
        }
        backends = config.backends();
        refresh = config.dnsRefresh();
        Map<String, NameWatch> old = watches;
        Map<String, NameWatch> next = new LinkedHashMap<>();
        List<NameWatch> added = new ArrayList<>();
        for (StaticBackend backend : backends) {
            String host = backend.address().host();
            if (literal(host) == null && !next.containsKey(host)) {
                NameWatch known = old.get(host);
                NameWatch watch =
                        known != null ? known : new NameWatch(service.name(), host, refresh, thread, this::push);
                watch.refresh(refresh);
                next.put(host, watch);
                if (known == null) {
                    added.add(watch);
                }
            }
        }
        old.forEach((host, watch) -> {
            if (!next.containsKey(host)) {
                watch.stop();
            }
        });
        watches = next;
        push();
        added.forEach(NameWatch::start);
    }

    void stop() {
        watches.values().forEach(NameWatch::stop);
    }

    /** Whether every name has been answered. Any thread. */
    boolean answered() {
        return watches.values().stream().allMatch(NameWatch::answered);
    }

    private void push() {
        List<Endpoint> endpoints = new ArrayList<>();
        for (StaticBackend backend : backends) {
            InetAddress literal = literal(backend.address().host());
            if (literal != null) {
                endpoints.add(endpoint(backend, literal, null));
            } else {
                NameWatch watch = watches.get(backend.address().host());
                for (InetAddress address : watch == null ? List.<InetAddress>of() : watch.addresses()) {
                    endpoints.add(endpoint(backend, address, backend.address().toString()));
                }
            }
        }
        if (!endpoints.equals(pushed)) {
            pushed = endpoints;
            service.endpoints(endpoints);
        }
    }

    private static Endpoint endpoint(StaticBackend backend, InetAddress ip, @Nullable String name) {
        InetSocketAddress socketAddress =
                new InetSocketAddress(ip, backend.address().port());
        String address = NetUtil.toSocketAddressString(socketAddress);
        return new Endpoint(
                address,
                socketAddress,
                name != null ? name : address,
                backend.weight(),
                backend.zone(),
                List.of(),
                Map.of(),
                null);
    }

    /** The address that an IP literal stands for; null for a name. Asks nobody. */
    private static @Nullable InetAddress literal(String host) {
        return NetUtil.createInetAddressFromIpAddressString(host);
    }
}
