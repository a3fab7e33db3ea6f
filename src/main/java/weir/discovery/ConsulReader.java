package weir.discovery;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the instances of a service and decides whether the answer may be believed. Blocks the caller; thread-safe.
 */
final class ConsulReader {
    private final ConsulAgents agents;
    private final ConsulRights rights;
    private final Map<String, String> resolved = new ConcurrentHashMap<>();

    ConsulReader(ConsulAgents agents) {
        this.agents = agents;
        this.rights = new ConsulRights(agents);
    }

    /** A believed answer; each address stands in it once. */
    record Answer(List<ConsulInstance> instances, long index) {}

    /**
     * Sends the request, which is one of that query.
     *
     * @throws ConsulFailure when there is no answer, or none that may be believed
     */
    Answer read(ConsulQuery query, ConsulRequest request) throws ConsulFailure {
        ConsulReply reply = agents.send(request);
        if (!reply.found()) {
            throw new ConsulFailure(ConsulFailure.Kind.REJECTED, "no such path: is that a Consul agent?");
        }
        List<ConsulInstance> instances;
        try {
            instances = new ConsulHealth(query.consul().address(), this::resolve).instances(reply.body());
        } catch (ConsulFailure e) {
            agents.counters().failed(e.kind());
            throw e;
        }
        if (instances.isEmpty()) {
            believe(query, reply);
        }
        return new Answer(unique(instances, query.consul().near() == null), reply.index());
    }

    /** Nothing at all is also what a token sees that may not look, and a server that has just lost its state. */
    private void believe(ConsulQuery query, ConsulReply reply) throws ConsulFailure {
        @Nullable String doubt = null;
        if (!reply.knownLeader()) {
            doubt = "no instances, says a server that knows no leader";
        } else if (reply.filteredByAcls()) {
            doubt = "no instances that the token may see";
        } else if (!rights.mayRead(query.consul())) {
            doubt = "no instances, and the token may not read the service";
        }
        if (doubt != null) {
            agents.counters().failed(ConsulFailure.Kind.NOT_BELIEVED);
            throw new ConsulFailure(ConsulFailure.Kind.NOT_BELIEVED, doubt);
        }
    }

    /** An address that was registered twice counts as its best registration. The order is steady, or that of Consul. */
    private static List<ConsulInstance> unique(List<ConsulInstance> instances, boolean sorted) {
        Map<String, ConsulInstance> byAddress = new LinkedHashMap<>();
        for (ConsulInstance instance : instances) {
            byAddress.merge(
                    instance.address(),
                    instance,
                    (known, other) -> known.against() != null && other.against() == null ? other : known);
        }
        List<ConsulInstance> all = new ArrayList<>(byAddress.values());
        if (sorted) {
            all.sort(Comparator.comparing(ConsulInstance::ip).thenComparing(ConsulInstance::port));
        }
        return all;
    }

    /** Names keep their last address when they cannot be resolved. */
    private @Nullable String resolve(String host) {
        if (NetUtil.createByteArrayFromIpAddressString(host) != null) {
            return host;
        }
        try {
            String ip = InetAddress.getByName(host).getHostAddress();
            resolved.put(host, ip);
            return ip;
        } catch (UnknownHostException e) {
            return resolved.get(host);
        }
    }
}
