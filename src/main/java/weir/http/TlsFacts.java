package weir.http;

import org.jspecify.annotations.Nullable;

/**
 * What a client's connection agreed on in its TLS handshake. Immutable but for the arrays, which nobody writes to.
 *
 * @param version as the access log has it: {@code TLSv1.2} or {@code TLSv1.3}
 * @param serverName the name the client asked for, in lower case; null when it asked for none
 * @param certificateField the name of the request field that tells backends the client's certificate, in lower case;
 *     null when they are not told
 * @param clientCertificate its value (RFC 9440 section 2.2); null when the client showed none, or nobody is told
 * @param certificateNames the hosts that the certificate shown is for, where requests for others are refused; else null
 */
public record TlsFacts(
        String version,
        @Nullable String serverName,
        byte @Nullable [] certificateField,
        byte @Nullable [] clientCertificate,
        @Nullable CertificateNames certificateNames) {
    /** Of a client whose certificate is nobody's business. */
    public TlsFacts(String version, @Nullable String serverName) {
        this(version, serverName, null, null, null);
    }
}
