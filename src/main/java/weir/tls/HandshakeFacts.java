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
import weir.http.TlsFacts;

/** Finds out what a handshake agreed on. */
public final class HandshakeFacts {
    private HandshakeFacts() {}

    /** The facts of an engine whose handshake has ended under that configuration. */
    public static TlsFacts of(SSLEngine engine, Tls tls) {
        return of(engine.getSession(), ServerNameText.of(engine), tls);
    }

    /** The facts of a session under that configuration, of a client that asked for {@code serverName}. */
    public static TlsFacts of(SSLSession session, @Nullable String serverName, Tls tls) {
        String header = tls.clientCertificateHeader();
        if (header == null || tls.clientAuthentication() == ClientAuthentication.NONE) {
            return new TlsFacts(session.getProtocol(), serverName);
        }
        return new TlsFacts(
                session.getProtocol(), serverName, header.getBytes(StandardCharsets.US_ASCII), certificate(session));
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
