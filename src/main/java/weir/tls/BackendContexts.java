package weir.tls;

import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Problem;
import weir.config.ServiceConfig;
import weir.http.BackendConnection;
import weir.loop.ConnectionGuard;

/**
 * The TLS of every service whose backends speak it. Read anew with each configuration, on the control thread; used on
 * every event loop. Thread-safe.
 */
public final class BackendContexts {
    private static final Logger LOG = LoggerFactory.getLogger(BackendContexts.class);
    private static final int MOST_REMEMBERED = 10_000;

    private final Supplier<TlsProvider> provider;
    private final Map<String, String> failing = new ConcurrentHashMap<>();
    private volatile Map<String, BackendTls> byService = Map.of();

    /** Contexts of that provider, which is asked for by the first service that needs it; none yet. */
    public BackendContexts(Supplier<TlsProvider> provider) {
        this.provider = provider;
    }

    /**
     * Reads the files that these services name, and puts nothing in force yet.
     *
     * @throws IOException if a file is no good, with all problems at their places in the configuration
     */
    public Map<String, BackendTls> read(Collection<ServiceConfig> services) throws IOException {
        Map<String, BackendTls> read = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (ServiceConfig service : services) {
            ServiceConfig.Tls tls = service.wire().tls();
            if (tls != null) {
                try {
                    BackendTls before = byService.get(service.name());
                    read.put(service.name(), BackendTls.of(tls, service.wire().protocol(), provider.get(), before));
                } catch (BadMaterial e) {
                    problems.add(e.getMessage());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException(String.join("\n", problems));
        }
        return Map.copyOf(read);
    }

    /** Reads the files that these services name, and says what is wrong with them. */
    public static void check(
            Collection<ServiceConfig> services, Supplier<TlsProvider> provider, Consumer<Problem> problems) {
        for (ServiceConfig service : services) {
            ServiceConfig.Tls tls = service.wire().tls();
            if (tls != null) {
                try {
                    BackendTls.of(tls, service.wire().protocol(), provider.get(), null);
                } catch (BadMaterial e) {
                    problems.accept(e.problem());
                }
            }
        }
    }

    /** Puts what was read in force, for connections made from now on; returns what was before. */
    public Map<String, BackendTls> publish(Map<String, BackendTls> read) {
        Map<String, BackendTls> before = byService;
        byService = read;
        return before;
    }

    /** What is in force, by service. */
    Map<String, BackendTls> inForce() {
        return byService;
    }

    /** Who does the cryptography. */
    TlsProvider provider() {
        return provider.get();
    }

    /**
     * Puts TLS before whatever else the channel's pipeline gets.
     *
     * @param endpoint name and port, or address and port, of the backend as discovery has it
     * @param alone whether the handshake is done when TLS is: nothing else is to be agreed on
     */
    public void install(
            Channel channel,
            String service,
            String endpoint,
            int port,
            BackendConnection.Handshake handshake,
            boolean alone) {
        BackendTls tls = byService.get(service);
        if (tls == null) {
            channel.eventLoop().execute(() -> handshake.failed(new SSLException("service " + service + " has gone")));
            return;
        }
        BackendHandshake watch = new BackendHandshake(this, service + ", " + endpoint, handshake, tls.http2(), alone);
        ConnectionGuard.add(channel, tls.handler(endpoint, port, channel.alloc()));
        ConnectionGuard.add(channel, watch);
    }

    /** A handshake failed: said once for each reason in a row. */
    void failed(String backend, String why) {
        if (failing.size() < MOST_REMEMBERED && !why.equals(failing.put(backend, why))) {
            LOG.warn("service {}: TLS: {}", backend, why);
        }
    }

    /** A handshake succeeded. */
    void succeeded(String backend) {
        if (!failing.isEmpty() && failing.remove(backend) != null) {
            LOG.info("service {}: TLS works", backend);
        }
    }
}
