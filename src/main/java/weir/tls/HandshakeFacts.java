package weir.tls;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Tls;
import weir.config.ListenerConfig.Tls.ClientAuthentication;
import weir.http.TlsFacts;

/** Finds out what a handshake agreed on. */
public final class HandshakeFacts {
    private HandshakeFacts() {}

    /** The facts of a session that was just begun under that configuration. */
    public static TlsFacts of(SSLSession session, Tls tls) {
        String header = tls.clientCertificateHeader();
        if (header == null || tls.clientAuthentication() == ClientAuthentication.NONE) {
            return new TlsFacts(session.getProtocol(), serverName(session));
        }
        return new TlsFacts(
                session.getProtocol(),
                serverName(session),
                header.getBytes(StandardCharsets.US_ASCII),
                certificate(session));
    }

    private static @Nullable String serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            List<SNIServerName> names = extended.getRequestedServerNames();
            if (!names.isEmpty() && names.get(0) instanceof SNIHostName host) {
                return host.getAsciiName().toLowerCase(Locale.ROOT);
            }
        }
        return null;
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
