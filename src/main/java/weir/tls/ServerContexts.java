package weir.tls;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ListenerConfig.Tls;
import weir.config.Problem;

/**
 * Makes the TLS of listeners, and keeps the ticket keys of those that name none: such keys are the process's own, new
 * ones from time to time. Confined to the control thread.
 */
public final class ServerContexts {
    private static final Logger LOG = LoggerFactory.getLogger(ServerContexts.class);

    private final SecureRandom random = new SecureRandom();
    private @Nullable TlsProvider provider;
    private TicketKeys own = TicketKeys.random(random);

    /** Contexts of the provider that {@link TlsProvider#ofProcess} finds, as soon as one is needed. */
    public ServerContexts() {}

    /** Contexts of that provider. */
    public ServerContexts(TlsProvider provider) {
        this.provider = provider;
    }

    /** Who does the cryptography. The native library is loaded by the first to ask. */
    public TlsProvider provider() {
        TlsProvider known = provider;
        if (known == null) {
            known = TlsProvider.ofProcess();
            provider = known;
            LOG.info("TLS by {}", known.text());
        }
        return known;
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
        ServerMaterial material = ServerMaterial.read(tls, provider(), problems::add);
        if (material == null) {
            throw new IOException(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        }
        if (before != null && before.isOf(tls, protocols, material)) {
            return before;
        }
        try {
            ServerTls made = ServerTls.of(tls, material, provider(), protocols);
            made.ticketKeys(own);
            return made;
        } catch (BadMaterial e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Gives these a new key to encrypt their tickets by; those they had are still good. */
    public void rotateTicketKeys(Iterable<ServerTls> all) {
        own = own.rotated(random);
        for (ServerTls tls : all) {
            tls.ticketKeys(own);
        }
    }
}
