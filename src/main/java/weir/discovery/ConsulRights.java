package weir.discovery;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;

/**
 * Looks at the token: whether it may read a service. Servers before Consul 1.11 do not say that they left instances
 * out, and no server says so to a request without token. Blocks the caller; thread-safe.
 */
final class ConsulRights {
    private static final Gson GSON = new Gson();
    private static final String AUTHORIZE = "/v1/internal/acl/authorize";
    private static final String SELF = "/v1/acl/token/self";

    private final ConsulAgents agents;

    private record Question(
            @SerializedName("Resource") String resource,
            @SerializedName("Access") String access,
            @SerializedName("Segment") String segment) {}

    private record Verdict(@SerializedName("Allow") boolean allow) {}

    ConsulRights(ConsulAgents agents) {
        this.agents = agents;
    }

    /**
     * Whether the token, or its absence, may read that service and some node of any name.
     *
     * @throws ConsulFailure when that cannot be found out now
     */
    boolean mayRead(ServiceConfig.Consul service) throws ConsulFailure {
        String questions = GSON.toJson(List.of(new Question("service", "read", service.service())));
        ConsulRequest request = ConsulRequest.post(AUTHORIZE, questions);
        ConsulQuery.Scope scope = new ConsulQuery(service).scope();
        try {
            ConsulReply reply = agents.send(scope.on(request));
            if (reply.found()) {
                return allowed(reply.body());
            }
        } catch (ConsulFailure e) {
            if (isDisabled(e)) {
                return true;
            }
            if (e.kind() != ConsulFailure.Kind.REJECTED) {
                throw e;
            }
        }
        return isKnown(scope);
    }

    /** The second best: an agent that has no such question says at least whether there are ACLs, and such a token. */
    private boolean isKnown(ConsulQuery.Scope scope) throws ConsulFailure {
        try {
            return agents.send(scope.on(ConsulRequest.get(SELF))).found();
        } catch (ConsulFailure e) {
            if (isDisabled(e)) {
                return true;
            }
            if (e.kind() == ConsulFailure.Kind.REFUSED) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isDisabled(ConsulFailure e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("acl support disabled");
    }

    private static boolean allowed(@Nullable String json) throws ConsulFailure {
        try {
            Verdict[] verdicts = GSON.fromJson(json, Verdict[].class);
            if (verdicts != null && verdicts.length > 0) {
                return verdicts[0].allow();
            }
        } catch (JsonParseException e) {
            // Told below.
        }
        throw new ConsulFailure(ConsulFailure.Kind.MALFORMED, "malformed answer about the token's rights");
    }
}
