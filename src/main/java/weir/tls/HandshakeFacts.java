package weir.tls;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Tls;
import weir.config.ListenerConfig.Tls.ClientAuthentication;
import weir.config.ListenerConfig.Tls.Misdirected;
import weir.http.CertificateNames;
import weir.http.TlsFacts;

/** Finds out what a handshake agreed on. */
public final class HandshakeFacts {
    private HandshakeFacts() {}

    /** The facts of an engine whose handshake has ended under these terms. */
    public static TlsFacts of(SSLEngine engine, ServerTls terms) {
        SSLSession session = engine.getSession();
        return of(session, session.getProtocol(), ServerNameText.of(engine), terms);
    }

    /** The facts of a session of that version under these terms, of a client that asked for {@code serverName}. */
    public static TlsFacts of(SSLSession session, String version, @Nullable String serverName, ServerTls terms) {
        Tls tls = terms.configuration();
        CertificateNames names = tls.misdirected() == Misdirected.OFF
                ? null
                : terms.certificates().hosts(shown(session), serverName);
        String header = tls.clientCertificateHeader();
        if (header == null || tls.clientAuthentication() == ClientAuthentication.NONE) {
            return new TlsFacts(version, serverName, null, null, names);
        }
        return new TlsFacts(
                version, serverName, header.getBytes(StandardCharsets.US_ASCII), certificate(session), names);
    }

    private static @Nullable Certificate shown(SSLSession session) {
        Certificate[] chain = session.getLocalCertificates();
        return chain == null || chain.length == 0 ? null : chain[0];
    }

    /** RFC 9440 section 2.2: the client's own certificate as a byte sequence of structured fields. */
    private static byte @Nullable [] certificate(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            String der = Base64.getEncoder().encodeToString(chain[0].getEncoded());
            return (':' + der + ':').getBytes(StandardCharsets.US_ASCII);
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            return null; // it showed none
        }
    }
}
