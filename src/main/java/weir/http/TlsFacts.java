package weir.http;

import org.jspecify.annotations.Nullable;

/**
 * What a client's connection agreed on in its TLS handshake. Immutable but for the array, which nobody writes to.
 *
 * @param version as the access log has it: {@code TLSv1.2} or {@code TLSv1.3}
 * @param serverName the name the client asked for, in lower case; null when it asked for none
 * @param clientCertificate the value of the field that tells backends the client's certificate (RFC 9440 section 2.2);
 *     null when it showed none
 */
public record TlsFacts(String version, @Nullable String serverName, byte @Nullable [] clientCertificate) {}
