package weir.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.Tls;

/** The keys under {@code tls} of a service. What the files hold is looked at by {@code weir.tls}. */
final class ServiceTlsShape {
    private static final Pattern HOST_NAME = Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?");

    private static final Key<String> CA = Key.optional(
            "ca", Names.FILE, "The authorities whose certificates backends may show (PEM); without it, Java's.");
    private static final Key<Boolean> VERIFY = Key.of(
            "verify",
            Numbers.BOOLEAN,
            Tls.DEFAULT.verify(),
            "Whether the backend's certificate and its name are checked.");
    private static final Key<String> SERVER_NAME = Key.optional(
            "server-name",
            TextType.of("server-name", "a host name such as backend.internal", ServiceTlsShape::parseName),
            "The name asked for and checked; without it, that of the backend, if it has one.");
    private static final Key<String> CERTIFICATE = Key.optional(
            "certificate",
            Names.FILE,
            "The certificate shown to backends, and those that lead to its authority (PEM).");
    private static final Key<String> KEY = Key.optional(
            "key", Names.FILE, "The private key of the certificate (PEM); without it, in the certificate's file.");

    static final ObjectType<Tls> TLS = ObjectType.of(
            "a mapping such as {ca: ca.pem}", List.of(CA, VERIFY, SERVER_NAME, CERTIFICATE, KEY), ServiceTlsShape::tls);

    private ServiceTlsShape() {}

    private static Tls tls(Section section) {
        ConfiguredFile certificate = file(section, CERTIFICATE);
        ConfiguredFile key = file(section, KEY);
        if (key != null && certificate == null && !section.failed(CERTIFICATE)) {
            section.problem(section.keyAt(KEY), "key: there is no certificate", "certificate beside it");
        }
        if (section.has(CA) && !section.get(VERIFY) && !section.failed(VERIFY)) {
            section.problem(section.keyAt(CA), "ca: nothing is verified", "verify: true, or no ca");
        }
        return new Tls(
                file(section, CA),
                section.get(VERIFY),
                section.find(SERVER_NAME),
                certificate,
                key == null ? certificate : key);
    }

    private static String parseName(String text) throws InvalidText {
        if (!HOST_NAME.matcher(text).matches()) {
            throw InvalidText.because("not a host name");
        }
        return text;
    }

    private static @Nullable ConfiguredFile file(Section section, Key<String> key) {
        String path = section.find(key);
        return path == null ? null : new ConfiguredFile(section.source().resolve(path), section.at(key));
    }
}
