package weir.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/**
 * One service instance as a Consul agent is told of it. Immutable.
 *
 * @param check the kind of health check the agent makes: {@code HTTP} or {@code GRPC}
 * @param checkTarget what the agent checks: a URL, or {@code host:port}
 */
record ConsulService(
        String id, String name, List<String> tags, String address, int port, String check, String checkTarget) {

    static ConsulService http(String id, String name, List<String> tags, String address, int port) {
        return new ConsulService(
                id, name, tags, address, port, "HTTP", "http://" + host(address) + ":" + port + "/health");
    }

    static ConsulService grpc(String id, String name, List<String> tags, String address, int port) {
        return new ConsulService(id, name, tags, address, port, "GRPC", host(address) + ":" + port);
    }

    /** The body of {@code PUT /v1/agent/service/register}; {@code again} after the agent forgot it. */
    String json(boolean again) {
        JsonArray tagArray = new JsonArray();
        tags.forEach(tagArray::add);
        JsonObject healthCheck = new JsonObject();
        healthCheck.addProperty(check, checkTarget);
        healthCheck.addProperty("Interval", "2s");
        healthCheck.addProperty("Timeout", "1s");
        // An agent that forgot a process that runs need not take it out until its first check.
        healthCheck.addProperty("Status", again ? "passing" : "critical");
        // A killed process cannot say good-bye: the agent forgets it after a while.
        healthCheck.addProperty("DeregisterCriticalServiceAfter", "1m");
        JsonObject service = new JsonObject();
        service.addProperty("ID", id);
        service.addProperty("Name", name);
        service.add("Tags", tagArray);
        service.addProperty("Address", address);
        service.addProperty("Port", port);
        service.add("Check", healthCheck);
        return service.toString();
    }

    private static String host(String address) {
        return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    }
}
