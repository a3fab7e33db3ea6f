package weir.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An accepting socket. Immutable.
 *
 * @param proxyProtocol which PROXY protocol headers a connection begins with
 * @param tls null for a listener in the clear
 * @param http3 whether the same port is also served over QUIC
 * @param service where the connections of a TCP listener go that no entry of {@code sni} takes; null for nowhere
 * @param sni where the TLS connections of a TCP listener go, by the server name of their client hello
 */
public record ListenerConfig(
        String name,
        Address address,
        Protocol protocol,
        ProxyProtocol proxyProtocol,
        @Nullable Tls tls,
        Http2 http2,
        boolean http3,
        @Nullable String service,
        List<ServerName> sni) {
    public ListenerConfig {
        sni = List.copyOf(sni);
    }

    /** HTTP in the clear with every default. */
    public ListenerConfig(String name, Address address) {
        this(name, address, Protocol.HTTP, ProxyProtocol.OFF, null, Http2.DEFAULT, false, null, List.of());
    }

    /** What clients speak. */
    public enum Protocol {
        HTTP,
        TCP
    }

    /**
     * TLS to clients.
     *
     * @param certificates at least one; the first is for names that none of them has
     * @param minimumVersion {@code TLSv1.2} or {@code TLSv1.3}
     * @param ticketKeys a directory of session ticket keys; null for keys of the process's own
     * @param clientCa PEM of the authorities whose client certificates are good; null when none is asked for
     * @param misdirected which requests for hosts of other certificates are refused
     * @param clientCertificateHeader the request field that carries a client's certificate; null for none
     */
    public record Tls(
            List<Certificate> certificates,
            String minimumVersion,
            @Nullable ConfiguredFile ticketKeys,
            ClientAuthentication clientAuthentication,
            @Nullable ConfiguredFile clientCa,
            @Nullable String clientCertificateHeader,
            Misdirected misdirected) {
        public Tls {
            certificates = List.copyOf(certificates);
        }

        /** Which requests are answered 421, since they belong to another connection (RFC 9110 section 15.5.20). */
        public enum Misdirected {
            OFF,
            /** Requests for a host that the connection's certificate does not cover. */
            CERTIFICATE
        }

        /** Whether clients show a certificate. */
        public enum ClientAuthentication {
            NONE,
            OPTIONAL,
            REQUIRED
        }

        /**
         * One certificate chain with its key, PEM files.
         *
         * @param key may be the file of the certificate
         * @param ocsp the DER file of an OCSP response to staple; null for none
         */
        public record Certificate(
                ConfiguredFile certificate,
                ConfiguredFile key,
                @Nullable ConfiguredFile ocsp) {}
    }

    /**
     * HTTP/2 on this listener.
     *
     * @param streams that a connection may have open at once
     * @param resets that a connection may cause in 30 s
     */
    public record Http2(int streams, int resets) {
        public static final Http2 DEFAULT = new Http2(100, 200);
    }

    /** The service of one server name, or of all under {@code *.} of a domain. */
    public record ServerName(String host, String service) {}
}
