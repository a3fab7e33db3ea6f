package weir.tls;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Tls;
import weir.config.Problem;

/** Makes the TLS of listeners. Confined to the control thread. */
public final class ServerContexts {
    private final TlsProvider provider;

    /** Contexts of that provider. */
    public ServerContexts(TlsProvider provider) {
        this.provider = provider;
    }

    /** Who does the cryptography. */
    public TlsProvider provider() {
        return provider;
    }

    /**
     * Reads the files and makes of them what the configuration says.
     *
     * @param protocols what is offered by ALPN, the best first
     * @param before what is in force; comes back when nothing changed
     * @throws IOException if a file is no good, with all problems at their places in the configuration
     */
    public ServerTls of(Tls tls, List<String> protocols, @Nullable ServerTls before) throws IOException {
        List<Problem> problems = new ArrayList<>();
        ServerMaterial material = ServerMaterial.read(tls, provider, problems::add);
        if (material == null) {
            throw new IOException(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        }
        if (before != null && before.isOf(tls, protocols, material)) {
            return before;
        }
        try {
            return ServerTls.of(tls, material, provider, protocols);
        } catch (BadMaterial e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
