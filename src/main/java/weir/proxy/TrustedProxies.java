package weir.proxy;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.config.Cidr;

/** The networks whose word on a client is taken ({@code trusted-proxies}). Immutable. */
final class TrustedProxies {
    private final Cidr[] networks;

    TrustedProxies(List<Cidr> networks) {
        this.networks = networks.toArray(Cidr[]::new);
    }

    boolean contain(@Nullable InetAddress address) {
        if (address != null) {
            for (Cidr network : networks) {
                if (network.contains(address)) {
                    return true;
                }
            }
        }
        return false;
    }
}
