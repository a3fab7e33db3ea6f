package weir.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import weir.config.ConfiguredFile;
import weir.config.Location;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Protocol;

/**
 * TLS as the connections to one service's backends speak it. Replaced whole when configuration or files change; its
 * native memory is freed when nobody holds it any more, and connections made of it go on. Sessions are resumed (RFC 8446
 * section 2.2). Thread-safe.
 */
public final class BackendTls {
    private static final Cleaner CLEANER = Cleaner.create();

    private final ServiceConfig.Tls tls;
    private final Protocol protocol;
    private final String fingerprint;
    private final SslContext context;

    /** Lets the context go. Knows nothing of who owned it, or that would never be unreachable. */
    private record Release(SslContext context) implements Runnable {
        @Override
        public void run() {
            ReferenceCountUtil.release(context);
        }
    }

    private BackendTls(ServiceConfig.Tls tls, Protocol protocol, String fingerprint, SslContext context) {
        this.tls = tls;
        this.protocol = protocol;
        this.fingerprint = fingerprint;
        this.context = context;
        CLEANER.register(this, new Release(context));
    }

    /**
     * Reads the files and builds the context.
     *
     * @param before what is in force; comes back when nothing changed
     * @throws BadMaterial if a file is no good
     */
    static BackendTls of(ServiceConfig.Tls tls, Protocol protocol, TlsProvider provider, @Nullable BackendTls before)
            throws BadMaterial {
        MaterialFiles files = new MaterialFiles();
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(provider.netty())
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CipherSuites.INTERMEDIATE, SupportedCipherSuiteFilter.INSTANCE)
                .endpointIdentificationAlgorithm(tls.verify() ? "HTTPS" : null)
                .applicationProtocolConfig(offer(protocol));
        ConfiguredFile ca = tls.ca();
        if (!tls.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (ca != null) {
            builder.trustManager(files.pem(ca).certificates().toArray(new X509Certificate[0]));
        }
        ConfiguredFile certificate = tls.certificate();
        ConfiguredFile key = tls.key();
        if (certificate != null && key != null) {
            KeyMaterial pair = KeyMaterial.read(certificate, key, files);
            builder.keyManager(pair.key(), pair.chain().toArray(new X509Certificate[0]));
        }
        String read = files.fingerprint();
        if (before != null
                && before.tls.equals(tls)
                && before.protocol == protocol
                && before.fingerprint.equals(read)) {
            return before;
        }
        try {
            return new BackendTls(tls, protocol, read, builder.build());
        } catch (SSLException | RuntimeException e) {
            Location at = certificate != null ? certificate.at() : ca != null ? ca.at() : Location.UNKNOWN;
            throw new BadMaterial(at, "tls: refused: " + PemFile.reason(e), null);
        }
    }

    /** What the files come to now, by the same configuration; this when nothing changed. */
    BackendTls reread(TlsProvider provider) throws BadMaterial {
        return of(tls, protocol, provider, this);
    }

    /** The configuration it was made by. */
    ServiceConfig.Tls configuration() {
        return tls;
    }

    /** Whether HTTP/2 is asked for, and nothing else. */
    boolean http2() {
        return protocol.http2();
    }

    /** What is asked for by ALPN (RFC 7301): one protocol, or nothing where Weir does not know what is inside. */
    private static ApplicationProtocolConfig offer(Protocol protocol) {
        return protocol == Protocol.TLS
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocol.http2() ? ApplicationProtocolNames.HTTP_2 : ApplicationProtocolNames.HTTP_1_1);
    }

    /**
     * A handler for one connection.
     *
     * @param endpoint name and port, or address and port, of the backend as discovery has it
     */
    SslHandler handler(String endpoint, int port, ByteBufAllocator allocator) {
        try {
            String name = tls.serverName();
            SslHandler handler = context.newHandler(allocator, name != null ? name : host(endpoint), port);
            handler.setHandshakeTimeoutMillis(0); // whoever connects has a deadline for all of it
            return handler;
        } finally {
            Reference.reachabilityFence(this); // the context lives as long as this
        }
    }

    /** The name, or the address without brackets, which is never asked for but may be verified. */
    private static String host(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        String host = colon < 0 ? endpoint : endpoint.substring(0, colon);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
