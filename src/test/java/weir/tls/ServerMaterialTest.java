package weir.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ConfiguredFile;
import weir.config.ListenerConfig.Tls;
import weir.config.ListenerConfig.Tls.Certificate;
import weir.config.ListenerConfig.Tls.ClientAuthentication;
import weir.config.Location;
import weir.config.Problem;
import weir.testing.RequiresTool;
import weir.testing.SiteCertificates;

/** Files as openssl writes them. */
@RequiresTool("openssl")
final class ServerMaterialTest {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void makeFiles() throws Exception {
        SiteCertificates all = new SiteCertificates(directory)
                .site("ec", "ec", 10, "A.test *.b.test")
                .site("rsa", "rsa", 30, "a.test");
        all.openssl("ec -in ec.key -out ec-old.key");
        all.openssl("rsa -traditional -in rsa.key -out rsa-old.key");
        all.openssl("rsa -traditional -aes128 -passout pass:x -in rsa.key -out rsa-locked.key");
        all.openssl("genpkey -algorithm ED25519 -out ed.key");
        Files.writeString(directory.resolve("both.pem"), text("ec.key") + text("ec.pem") + text("ca.pem"));
        Files.writeString(directory.resolve("text.pem"), "not PEM");
        Files.writeString(
                directory.resolve("broken.pem"), text("ec.pem").replaceAll("(?s)(CERTIFICATE-----\n).{20}", "$1"));
        Files.createDirectories(directory.resolve("keys"));
        Files.createDirectories(directory.resolve("none"));
        Files.write(directory.resolve("keys/1"), new byte[48]);
        byte[] second = new byte[80];
        second[0] = 2;
        Files.write(directory.resolve("keys/2"), second);
        Files.createDirectories(directory.resolve("short"));
        Files.write(directory.resolve("short/1"), new byte[47]);
    }

    private static String text(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private static ConfiguredFile file(String name, int line) {
        return new ConfiguredFile(directory.resolve(name).toString(), new Location("weir.yaml", line, 1));
    }

    private static Tls tls(String certificate, String key, @Nullable String ocsp, @Nullable String keys) {
        return new Tls(
                List.of(new Certificate(file(certificate, 1), file(key, 2), ocsp == null ? null : file(ocsp, 3))),
                "TLSv1.2",
                keys == null ? null : file(keys, 4),
                ClientAuthentication.NONE,
                null,
                null,
                Tls.Misdirected.OFF);
    }

    private static ServerMaterial good(Tls tls) {
        List<Problem> problems = new ArrayList<>();
        ServerMaterial material = ServerMaterial.read(tls, TlsProvider.BORINGSSL, problems::add);
        assertEquals(List.of(), problems);
        assertNotNull(material);
        return material;
    }

    private static String bad(Tls tls, TlsProvider provider) {
        List<Problem> problems = new ArrayList<>();
        assertNull(ServerMaterial.read(tls, provider, problems::add));
        assertEquals(1, problems.size(), problems::toString);
        return problems.get(0).toString().replace(directory + "/", "");
    }

    private static String bad(String certificate, String key) {
        return bad(tls(certificate, key, null, null), TlsProvider.BORINGSSL);
    }

    @Test
    void readsKeysInEveryFormOfTheirTools() {
        for (String key : List.of("ec.key", "ec-old.key")) {
            ServerCertificate ec =
                    good(tls("ec.pem", key, null, null)).certificates().all().get(0);
            assertTrue(ec.ecdsa());
            assertEquals(List.of("a.test", "*.b.test"), ec.names());
        }
        for (String key : List.of("rsa.key", "rsa-old.key")) {
            assertTrue(!good(tls("rsa.pem", key, null, null))
                    .certificates()
                    .all()
                    .get(0)
                    .ecdsa());
        }
        assertEquals(
                2,
                good(tls("both.pem", "both.pem", null, null))
                        .certificates()
                        .all()
                        .get(0)
                        .chain()
                        .size());
    }

    @Test
    void saysWhatIsWrongAndWhere() {
        assertEquals(
                "weir.yaml:1:1: no.pem: no such file (expected: a file that can be read)", bad("no.pem", "ec.key"));
        assertEquals(
                "weir.yaml:2:1: rsa.key: not the key of the certificate in ec.pem (expected: the key that goes with it)",
                bad("ec.pem", "rsa.key"));
        assertEquals(
                "weir.yaml:2:1: ca.key: not the key of the certificate in ec.pem (expected: the key that goes with it)",
                bad("ec.pem", "ca.key"));
        assertEquals(
                "weir.yaml:2:1: rsa-locked.key: the key is encrypted (expected: a key without a password)",
                bad("rsa.pem", "rsa-locked.key"));
        assertEquals(
                "weir.yaml:2:1: ec.pem: no private key in it (expected: -----BEGIN PRIVATE KEY-----)",
                bad("ec.pem", "ec.pem"));
        assertEquals(
                "weir.yaml:1:1: ec.key: no certificate in it (expected: -----BEGIN CERTIFICATE-----)",
                bad("ec.key", "ec.key"));
        assertEquals(
                "weir.yaml:2:1: ed.key: the private key in it cannot be read (expected: an RSA or elliptic-curve key)",
                bad("ec.pem", "ed.key"));
        assertTrue(bad("text.pem", "ec.key").startsWith("weir.yaml:1:1: text.pem: no PEM in it"));
        String broken = bad("broken.pem", "ec.key");
        assertTrue(broken.startsWith("weir.yaml:1:1: broken.pem: a certificate in it cannot be read"), broken);
    }

    @Test
    void namesKeysThatJavasEngineCannotHonour() {
        assertEquals(
                "weir.yaml:3:1: ocsp: not with Java's own engine, which is in use here (expected: BoringSSL)",
                bad(tls("ec.pem", "ec.key", "ec.ocsp", null), TlsProvider.JDK));
        assertEquals(
                "weir.yaml:4:1: ticket-keys: not with Java's own engine, which is in use here (expected: BoringSSL)",
                bad(tls("ec.pem", "ec.key", null, "keys"), TlsProvider.JDK));
    }

    @Test
    void encryptsByTheLastTicketKeyByName() {
        TicketKeys keys = good(tls("ec.pem", "ec.key", null, "keys")).ticketKeys();
        assertNotNull(keys);
        assertEquals(2, keys.keys().size());
        assertEquals(2, keys.keys().get(0).name()[0]);
    }

    @Test
    void refusesTicketKeysAndResponsesThatAreNone() {
        assertEquals(
                "weir.yaml:4:1: short/1: 47 bytes (expected: a ticket key of 48 or 80 bytes)",
                bad(tls("ec.pem", "ec.key", null, "short"), TlsProvider.BORINGSSL));
        assertEquals(
                "weir.yaml:4:1: none: 0 ticket keys in it (expected: from 1 to 64)",
                bad(tls("ec.pem", "ec.key", null, "none"), TlsProvider.BORINGSSL));
        assertEquals(
                "weir.yaml:3:1: text.pem: no successful OCSP response (expected: the DER that openssl ocsp -respout writes)",
                bad(tls("ec.pem", "ec.key", "text.pem", null), TlsProvider.BORINGSSL));
    }

    @Test
    void warnsOnceADayOfWhatExpiresSoon() {
        ServerCertificates soon = good(tls("ec.pem", "ec.key", null, null)).certificates();
        ServerCertificates later = good(tls("rsa.pem", "rsa.key", null, null)).certificates();
        ExpiryWarnings warnings = new ExpiryWarnings();
        Instant now = Instant.now();
        assertEquals(0, warnings.look("web", later, now));
        assertEquals(1, warnings.look("web", soon, now));
        assertEquals(0, warnings.look("web", soon, now.plusSeconds(3600)));
        assertEquals(1, warnings.look("web", soon, now.plus(Duration.ofDays(1))));
        assertEquals(1, warnings.look("web", soon, now.plus(Duration.ofDays(20))));
    }

    @Test
    void takesUpChangedFilesWhenTheyAreQuietAndGood(@TempDir Path other) throws Exception {
        for (String name : List.of("ec.pem", "ec.key")) {
            Files.copy(directory.resolve(name), other.resolve(name));
        }
        Location at = new Location("weir.yaml", 1, 1);
        Tls tls = new Tls(
                List.of(new Certificate(
                        new ConfiguredFile(other.resolve("ec.pem").toString(), at),
                        new ConfiguredFile(other.resolve("ec.key").toString(), at),
                        null)),
                "TLSv1.2",
                null,
                ClientAuthentication.NONE,
                null,
                null,
                Tls.Misdirected.OFF);
        ServerContexts contexts = new ServerContexts(TlsProvider.JDK);
        ServerRenewal renewal = new ServerRenewal(contexts);
        ServerTls first = contexts.of(tls, List.of(), null);
        for (int i = 0; i < 3; i++) {
            assertEquals(first, renewal.look("web", first));
        }
        Files.writeString(other.resolve("ec.pem"), text("rsa.pem"));
        assertEquals(first, renewal.look("web", first)); // restless
        assertEquals(first, renewal.look("web", first)); // half done: the key is another's
        Files.writeString(other.resolve("ec.key"), text("rsa.key"));
        assertEquals(first, renewal.look("web", first));
        ServerTls second = renewal.look("web", first);
        assertTrue(second != first);
        assertTrue(!second.certificates().all().get(0).ecdsa());
        assertEquals(second, renewal.look("web", second));
    }
}
