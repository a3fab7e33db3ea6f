package weir.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The whole configuration of one process. Immutable. Maps keep the order of the file. */
public record Configuration(
        Map<String, ListenerConfig> listeners,
        List<RouteConfig> routes,
        Map<String, ServiceConfig> services,
        LimitsConfig limits,
        List<Cidr> trustedProxies,
        AccessLogConfig accessLog,
        AdminConfig admin,
        ShutdownConfig shutdown,
        ThreadsConfig threads,
        @Nullable ConsulConfig consul) {
    public Configuration {
        listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
        routes = List.copyOf(routes);
        services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** The request fields in which listeners tell backends the client's certificate, in lower case. */
    public List<String> clientCertificateFields() {
        List<String> names = new ArrayList<>();
        for (ListenerConfig listener : listeners.values()) {
            ListenerConfig.Tls tls = listener.tls();
            if (tls != null && tls.clientCertificateHeader() != null) {
                names.add(tls.clientCertificateHeader());
            }
        }
        return names;
    }
}
