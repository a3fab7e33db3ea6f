package weir.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Tls;

/**
 * TLS as one listener speaks it: a context for each certificate. Replaced whole when configuration or files change; its
 * native memory is freed when nobody holds it any more, and connections made of it go on. Thread-safe.
 */
public final class ServerTls implements AutoCloseable {
    /** One thread for all. */
    private static final Cleaner CLEANER = Cleaner.create();

    private final Tls tls;
    private final List<String> protocols;
    private final ServerMaterial material;
    private final SslContext[] contexts;
    private final Cleaner.Cleanable release;

    /** Lets the contexts go. Knows nothing of who owned them, or that would never be unreachable. */
    private record Release(SslContext[] contexts) implements Runnable {
        @Override
        public void run() {
            for (SslContext context : contexts) {
                ReferenceCountUtil.release(context);
            }
        }
    }

    private ServerTls(Tls tls, List<String> protocols, ServerMaterial material, SslContext[] contexts) {
        this.tls = tls;
        this.protocols = List.copyOf(protocols);
        this.material = material;
        this.contexts = contexts;
        this.release = CLEANER.register(this, new Release(contexts));
    }

    /**
     * Builds the contexts.
     *
     * @param protocols what is offered by ALPN (RFC 7301), the best first; empty for no ALPN
     * @throws BadMaterial if the library refuses a certificate
     */
    public static ServerTls of(Tls tls, ServerMaterial material, TlsProvider provider, List<String> protocols)
            throws BadMaterial {
        List<SslContext> contexts = new ArrayList<>();
        for (ServerCertificate certificate : material.certificates().all()) {
            try {
                contexts.add(context(tls, material, certificate, provider, protocols));
            } catch (SSLException | RuntimeException e) {
                contexts.forEach(ReferenceCountUtil::release);
                throw new BadMaterial(certificate.at(), "certificate: refused: " + PemFile.reason(e), null);
            }
        }
        return new ServerTls(tls, protocols, material, contexts.toArray(new SslContext[0]));
    }

    private static SslContext context(
            Tls tls,
            ServerMaterial material,
            ServerCertificate certificate,
            TlsProvider provider,
            List<String> protocols)
            throws SSLException {
        String[] versions =
                tls.minimumVersion().equals("TLSv1.3") ? new String[] {"TLSv1.3"} : new String[] {"TLSv1.3", "TLSv1.2"};
        SslContextBuilder builder = SslContextBuilder.forServer(
                        certificate.key(), certificate.chain().toArray(new X509Certificate[0]))
                .sslProvider(provider.netty())
                .protocols(versions)
                .ciphers(CipherSuites.INTERMEDIATE, SupportedCipherSuiteFilter.INSTANCE)
                // Without authorities nobody is asked; otherwise Netty would load all that Java trusts.
                .trustManager(material.clientAuthorities().toArray(new X509Certificate[0]))
                .clientAuth(
                        switch (tls.clientAuthentication()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        })
                .enableOcsp(certificate.ocsp() != null);
        if (!protocols.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocols));
        }
        SslContext context = builder.build();
        if (context.sessionContext() instanceof OpenSslServerSessionContext sessions) {
            sessions.setSessionIdContext(sessionContext(tls, material, certificate));
        }
        return context;
    }

    /**
     * What a session must have been made for to be taken up again: the same names, and the same demands on the client,
     * or a ticket of one listener would get by the demands of another.
     */
    private static byte[] sessionContext(Tls tls, ServerMaterial material, ServerCertificate certificate) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(certificate.names().toString().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) tls.clientAuthentication().ordinal());
            for (X509Certificate authority : material.clientAuthorities()) {
                digest.update(authority.getEncoded());
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the keys of session tickets: those of the files, else the given ones. Java's engine has keys of its own. */
    void ticketKeys(TicketKeys own) {
        TicketKeys configured = material.ticketKeys();
        TicketKeys keys = configured != null ? configured : own;
        for (SslContext context : contexts) {
            if (context.sessionContext() instanceof OpenSslServerSessionContext sessions) {
                sessions.setTicketKeys(keys.array());
            }
        }
    }

    /** The configuration it was made by. */
    public Tls configuration() {
        return tls;
    }

    /** What the files held. */
    ServerMaterial material() {
        return material;
    }

    /** What it offers by ALPN. */
    List<String> protocols() {
        return protocols;
    }

    /** The certificates it shows. */
    public ServerCertificates certificates() {
        return material.certificates();
    }

    /** Whether that configuration with those files would come to the same. */
    boolean isOf(Tls other, List<String> offered, ServerMaterial read) {
        return tls.equals(other)
                && protocols.equals(offered)
                && material.fingerprint().equals(read.fingerprint());
    }

    /** Whether the client's hello decides which certificate it is shown. */
    public boolean choosesByHello() {
        return contexts.length > 1;
    }

    /**
     * A handler for one connection.
     *
     * @param hello what decides on the certificate; null where there is one only
     */
    public SslHandler handler(@Nullable ClientHello hello, ByteBufAllocator allocator) {
        try {
            int number = hello == null ? 0 : certificates().choose(hello);
            SslHandler handler = contexts[number].newHandler(allocator);
            byte[] ocsp = certificates().all().get(number).ocsp();
            if (ocsp != null && handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
                engine.setOcspResponse(ocsp);
            }
            return handler;
        } finally {
            Reference.reachabilityFence(this); // the contexts live as long as this
        }
    }

    /** Frees it before the collector would; for those that never were in force. */
    @Override
    public void close() {
        release.clean();
    }
}
