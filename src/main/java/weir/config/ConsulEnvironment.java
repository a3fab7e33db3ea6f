package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ConsulConfig.Tls;

/**
 * The agent that Consul's own environment variables name, with the defaults of everything else. Immutable. Source:
 * Consul's command line, section "Environment Variables"; {@code CONSUL_HTTP_TOKEN} itself is read by whoever talks to
 * the agent, as configurations are shown to people.
 */
public final class ConsulEnvironment {
    private static final Address AGENT = new Address("127.0.0.1", 8500);
    private static final String EXPECTED = "host:port, or a URL such as https://consul.example.com:8501";

    private ConsulEnvironment() {}

    /**
     * The agent, by default that of this machine.
     *
     * @throws IllegalArgumentException with one line for people when a variable cannot be read
     */
    public static ConsulConfig read(Map<String, String> environment) {
        try {
            return read(environment, true);
        } catch (InvalidText e) {
            throw new IllegalArgumentException(e.detail() + " (expected: " + e.expected() + ")", e);
        }
    }

    /** Without {@code addressed}, {@code CONSUL_HTTP_ADDR} says nothing, not even by its scheme. */
    static ConsulConfig read(Map<String, String> environment, boolean addressed) throws InvalidText {
        String address = addressed ? variable(environment, "CONSUL_HTTP_ADDR") : null;
        boolean https = address != null && address.toLowerCase(Locale.ROOT).startsWith("https://");
        boolean tls = https || flag(environment, "CONSUL_HTTP_SSL", false);
        return new ConsulConfig(
                List.of(address == null ? AGENT : agent(address)),
                variable(environment, "CONSUL_HTTP_TOKEN_FILE"),
                tls ? tls(environment) : null,
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                null,
                Duration.ofSeconds(30),
                100,
                null,
                false);
    }

    private static Tls tls(Map<String, String> environment) throws InvalidText {
        return new Tls(
                variable(environment, "CONSUL_CACERT"),
                variable(environment, "CONSUL_CLIENT_CERT"),
                variable(environment, "CONSUL_CLIENT_KEY"),
                flag(environment, "CONSUL_HTTP_SSL_VERIFY", true),
                variable(environment, "CONSUL_TLS_SERVER_NAME"));
    }

    private static Address agent(String text) throws InvalidText {
        int scheme = text.indexOf("://");
        String host = scheme < 0 ? text : text.substring(scheme + 3);
        String protocol = scheme < 0 ? "" : text.substring(0, scheme).toLowerCase(Locale.ROOT);
        if (host.endsWith("/")) {
            host = host.substring(0, host.length() - 1);
        }
        if (scheme >= 0 && !protocol.equals("http") && !protocol.equals("https")) {
            throw new InvalidText("CONSUL_HTTP_ADDR: " + Problem.shown(text), EXPECTED, null);
        }
        if (scheme >= 0 && host.indexOf(':', host.indexOf(']') + 1) < 0) {
            host += protocol.equals("https") ? ":443" : ":80";
        }
        try {
            return Addresses.BACKEND.parser().parse(host);
        } catch (InvalidText e) {
            throw new InvalidText("CONSUL_HTTP_ADDR: " + Problem.shown(text), EXPECTED, null);
        }
    }

    private static boolean flag(Map<String, String> environment, String name, boolean otherwise) throws InvalidText {
        String text = variable(environment, name);
        if (text == null) {
            return otherwise;
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "1", "t", "true" -> true;
            case "0", "f", "false" -> false;
            default -> throw new InvalidText(name + ": " + Problem.shown(text), "true or false", null);
        };
    }

    private static @Nullable String variable(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
