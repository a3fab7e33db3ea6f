package weir.demo;

import java.net.URI;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says. Immutable.
 *
 * @param grpcPort port of the gRPC server, or {@code null} for none
 * @param name name of this instance; {@code null} means role and port
 * @param address the address others reach this backend at
 * @param consul the Consul agent to register in, or {@code null}
 */
record Options(
        Role role,
        int port,
        @Nullable Integer grpcPort,
        @Nullable String name,
        String address,
        String bind,
        @Nullable URI consul,
        String service,
        List<String> tags,
        boolean untilStdinCloses) {

    private static final Set<String> KEYS =
            Set.of("--port", "--grpc-port", "--name", "--address", "--bind", "--consul", "--service", "--tags");

    /** The two kinds of demo backend. */
    enum Role {
        HELLO,
        SUM;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Reads the arguments, the role first. Throws {@link IllegalArgumentException} that says what is wrong. */
    static Options parse(List<String> arguments) {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("no role (expected: hello, sum or call)");
        }
        Role role = role(arguments.get(0));
        Map<String, String> values = new HashMap<>();
        boolean untilStdinCloses = false;
        for (Iterator<String> rest = arguments.listIterator(1); rest.hasNext(); ) {
            String key = rest.next();
            if (key.equals("--until-stdin-closes")) {
                untilStdinCloses = true;
            } else if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("unknown option: " + key);
            } else if (!rest.hasNext()) {
                throw new IllegalArgumentException(key + ": no value");
            } else {
                values.put(key, rest.next());
            }
        }
        Integer port = port(values, "--port");
        if (port == null) {
            throw new IllegalArgumentException("--port is missing");
        }
        Integer grpcPort = port(values, "--grpc-port");
        if (grpcPort != null && role != Role.SUM) {
            throw new IllegalArgumentException("--grpc-port: only sum speaks gRPC");
        }
        String address = values.getOrDefault("--address", "127.0.0.1");
        return new Options(
                role,
                port,
                grpcPort,
                values.get("--name"),
                address,
                values.getOrDefault("--bind", address),
                consul(values.get("--consul")),
                values.getOrDefault("--service", role.label()),
                tags(values.get("--tags")),
                untilStdinCloses);
    }

    /** The name of an instance that listens on {@code actualPort}. */
    String nameAt(int actualPort) {
        return name != null ? name : role.label() + "-" + actualPort;
    }

    private static Role role(String text) {
        for (Role role : Role.values()) {
            if (role.label().equals(text)) {
                return role;
            }
        }
        throw new IllegalArgumentException("unknown role: " + text + " (expected: hello, sum or call)");
    }

    private static @Nullable Integer port(Map<String, String> values, String key) {
        String text = values.get(key);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException(key + ": " + text + " (expected: 0 to 65535)");
        }
        return Integer.valueOf(text);
    }

    private static @Nullable URI consul(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("https?://[^/?#]+/?")) {
            throw new IllegalArgumentException("--consul: " + text + " (expected: http://HOST:PORT)");
        }
        return URI.create(text.endsWith("/") ? text : text + "/");
    }

    private static List<String> tags(@Nullable String text) {
        return text == null || text.isEmpty() ? List.of() : List.of(text.split(","));
    }
}
