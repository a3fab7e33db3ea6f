package weir.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a listener as QUIC has it (RFC 9001): version 1.3 alone, with the certificates of {@link ServerTls}. A
 * client is shown the one of the name it asks for; of two algorithms always the elliptic curve, since which of them the
 * client can verify is not told here. Responses of OCSP are not stapled. The library frees the contexts when nobody
 * holds them any more. Thread-safe.
 */
public final class QuicTls {
    private final ServerTls source;
    private final QuicSslContext context;

    private QuicTls(ServerTls source, QuicSslContext context) {
        this.source = source;
        this.context = context;
    }

    /**
     * Builds the contexts, or gives back those in force if they are of the same material.
     *
     * @param protocol what is offered by ALPN
     * @throws IOException with one line, if the library refuses a certificate
     */
    public static QuicTls of(ServerTls source, String protocol, @Nullable QuicTls before) throws IOException {
        if (before != null && before.source == source) {
            return before;
        }
        List<ServerCertificate> all = source.certificates().all();
        QuicSslContext[] contexts = new QuicSslContext[all.size()];
        for (int i = 0; i < contexts.length; i++) {
            contexts[i] = build(builder(source, all.get(i), protocol), all.get(i));
        }
        ServerCertificates certificates = source.certificates();
        QuicSslContextBuilder byName = builder(source, all.get(certificates.choose(ClientHello.UNKNOWN)), protocol)
                .sni(name -> contexts[
                        certificates.choose(new ClientHello(
                                name == null ? null : ServerNameText.normalized(name), true, true, true))]);
        return new QuicTls(source, build(byName, all.get(0)));
    }

    private static QuicSslContextBuilder builder(ServerTls source, ServerCertificate certificate, String protocol) {
        QuicSslContextBuilder builder = QuicSslContextBuilder.forServer(
                        certificate.key(), null, certificate.chain().toArray(new X509Certificate[0]))
                .applicationProtocols(protocol)
                .clientAuth(
                        switch (source.configuration().clientAuthentication()) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        });
        List<X509Certificate> authorities = source.material().clientAuthorities();
        return authorities.isEmpty() ? builder : builder.trustManager(authorities.toArray(new X509Certificate[0]));
    }

    private static QuicSslContext build(QuicSslContextBuilder builder, ServerCertificate certificate)
            throws IOException {
        try {
            return builder.build();
        } catch (RuntimeException e) {
            throw new IOException(
                    new BadMaterial(certificate.at(), "certificate: refused by QUIC: " + PemFile.reason(e), null)
                            .getMessage(),
                    e);
        }
    }

    /** The engine of a new connection. */
    public QuicSslEngine engine(ByteBufAllocator allocator) {
        return context.newEngine(allocator);
    }
}
