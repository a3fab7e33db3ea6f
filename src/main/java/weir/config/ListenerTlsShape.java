package weir.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Tls;
import weir.config.ListenerConfig.Tls.Certificate;
import weir.config.ListenerConfig.Tls.ClientAuthentication;
import weir.config.ListenerConfig.Tls.Misdirected;

/** The keys under {@code tls} of a listener. What the files hold is looked at by {@code weir.tls}. */
final class ListenerTlsShape {
    private static final Key<String> CERTIFICATE = Key.required(
            "certificate", Names.FILE, "The certificate, followed by those that lead to its authority (PEM).");
    private static final Key<String> KEY = Key.optional(
            "key", Names.FILE, "The private key of the certificate (PEM); without it, in the certificate's file.");
    private static final Key<String> OCSP = Key.optional(
            "ocsp", Names.FILE, "The authority's signed word that the certificate is good (DER), sent along with it.");

    private static final ObjectType<Certificate> CERTIFICATE_TYPE = ObjectType.of(
                    "a PEM file with certificate and key, or a mapping with certificate and key",
                    List.of(CERTIFICATE, KEY, OCSP),
                    ListenerTlsShape::certificate)
            .withShortForm(CERTIFICATE);

    private static final Key<List<Certificate>> CERTIFICATES = Key.required(
            "certificates",
            new ListType<>(CERTIFICATE_TYPE, "a list of certificates such as [{certificate: site.pem, key: site.key}]"),
            "The certificates, chosen by the name the client asks for; the first is for all other names.");
    private static final Key<String> MINIMUM_VERSION = Key.of(
            "minimum-version",
            Choices.of("tls-version", versions()),
            "TLSv1.2",
            "The oldest version of TLS that is spoken.");
    private static final Key<String> TICKET_KEYS = Key.optional(
            "ticket-keys",
            Names.FILE,
            "A directory of session ticket keys, for several Weirs behind one name; without it, keys of its own.");
    private static final Key<ClientAuthentication> CLIENT_AUTHENTICATION = Key.of(
            "client-authentication",
            Choices.of("client-authentication", ClientAuthentication.class),
            ClientAuthentication.NONE,
            "Whether clients show a certificate.");
    private static final Key<String> CLIENT_CA =
            Key.optional("client-ca", Names.FILE, "The authorities whose client certificates are good (PEM).");
    private static final Key<String> CLIENT_CERTIFICATE_HEADER = Key.optional(
            "client-certificate-header",
            Fields.EDITED_FIELD_NAME,
            "The request field that tells backends the client's certificate (RFC 9440).");

    private static final Key<Misdirected> MISDIRECTED = Key.of(
            "misdirected",
            Choices.of("misdirected", Misdirected.class),
            Misdirected.OFF,
            "Refuses requests (421) for hosts that the connection's certificate is not for.");

    static final ObjectType<Tls> TLS = ObjectType.of(
                    "certificates, or a mapping with certificates",
                    List.of(
                            CERTIFICATES,
                            MINIMUM_VERSION,
                            TICKET_KEYS,
                            CLIENT_AUTHENTICATION,
                            CLIENT_CA,
                            CLIENT_CERTIFICATE_HEADER,
                            MISDIRECTED),
                    ListenerTlsShape::tls)
            .withShortForm(CERTIFICATES);

    private ListenerTlsShape() {}

    private static Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            versions.put(version, version);
        }
        return versions;
    }

    private static Certificate certificate(Section section) {
        ConfiguredFile certificate = file(section, CERTIFICATE);
        ConfiguredFile key = file(section, KEY);
        return new Certificate(certificate, key == null ? certificate : key, file(section, OCSP));
    }

    private static Tls tls(Section section) {
        ClientAuthentication authentication = section.get(CLIENT_AUTHENTICATION);
        if (section.isEmpty(CERTIFICATES)) {
            section.problem(section.at(CERTIFICATES), "certificates: none", "at least one certificate");
        }
        if (authentication == ClientAuthentication.NONE) {
            for (Key<?> key : List.of(CLIENT_CA, CLIENT_CERTIFICATE_HEADER)) {
                if (section.has(key) && !section.failed(CLIENT_AUTHENTICATION)) {
                    section.problem(
                            section.keyAt(key),
                            key.name() + ": clients are not asked for a certificate",
                            "client-authentication: optional or required");
                }
            }
        } else if (!section.has(CLIENT_CA)) {
            section.problem(
                    section.at(CLIENT_AUTHENTICATION),
                    "client-authentication: " + Choices.word(authentication) + ": nobody's certificates are good",
                    "client-ca beside it");
        }
        return new Tls(
                section.get(CERTIFICATES),
                section.get(MINIMUM_VERSION),
                file(section, TICKET_KEYS),
                authentication,
                file(section, CLIENT_CA),
                section.find(CLIENT_CERTIFICATE_HEADER),
                section.get(MISDIRECTED));
    }

    private static @Nullable ConfiguredFile file(Section section, Key<String> key) {
        String path = section.find(key);
        return path == null ? null : new ConfiguredFile(section.source().resolve(path), section.at(key));
    }
}
