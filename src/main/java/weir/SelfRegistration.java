package weir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.cli.VersionCommand;
import weir.config.Address;
import weir.config.Configuration;
import weir.config.ConsulConfig;
import weir.config.ListenerConfig;
import weir.discovery.ConsulCounters;
import weir.discovery.ConsulRegistration;
import weir.discovery.ConsulRegistration.Self;

/** This process's own registration in Consul, where the configuration wants one. Used on one thread at a time. */
final class SelfRegistration {
    private final ConsulCounters counters;
    private @Nullable ConsulRegistration registration;
    private @Nullable ConsulConfig settings;

    SelfRegistration(ConsulCounters counters) {
        this.counters = counters;
    }

    /**
     * Registers as the configuration says, anew when that is something else.
     *
     * @param ports of the listeners, by name
     * @throws IOException when files it names cannot be used; nothing has changed then
     */
    void apply(Configuration configuration, Map<String, Integer> ports, InetSocketAddress admin) throws IOException {
        ConsulConfig consul = configuration.consul();
        ConsulConfig.Register register = consul == null ? null : consul.register();
        if (consul == null || register == null) {
            close();
            return;
        }
        Self self = self(configuration, register, ports, admin);
        if (registration != null && self.equals(registration.self()) && consul.equals(settings)) {
            return;
        }
        ConsulRegistration next = new ConsulRegistration(self, consul, System.getenv(), counters);
        close();
        registration = next;
        settings = consul;
        next.start();
    }

    /** Deregisters. */
    void close() {
        if (registration != null) {
            registration.close();
            registration = null;
        }
    }

    /** The first listener stands for the process. */
    static Self self(
            Configuration configuration,
            ConsulConfig.Register register,
            Map<String, Integer> ports,
            InetSocketAddress admin) {
        ListenerConfig listener = configuration.listeners().values().iterator().next();
        int port = ports.getOrDefault(listener.name(), listener.address().port());
        String check = register.check();
        return new Self(
                register.service() + '-' + hostName() + '-' + port,
                register.service(),
                register.tags(),
                Map.of("version", VersionCommand.weir()),
                new Address(
                        isWildcard(listener.address().host())
                                ? ""
                                : listener.address().host(),
                        port),
                check != null ? check : "http://" + reachable(admin) + "/readyz");
    }

    private static boolean isWildcard(String host) {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }

    private static Address reachable(InetSocketAddress admin) {
        InetAddress address = admin.getAddress();
        return new Address(address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress(), admin.getPort());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
