package weir.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import weir.config.Location;

final class ServerCertificatesTest {
    private static final ClientHello BOTH = new ClientHello(null, true, true, true);
    private static final ClientHello ONLY_RSA = new ClientHello(null, false, false, true);
    private static final ClientHello ONLY_ECDSA = new ClientHello(null, false, true, false);
    private static final ClientHello NEITHER = new ClientHello(null, false, false, false);

    private static PrivateKey ec;
    private static PrivateKey rsa;

    @BeforeAll
    static void makeKeys() throws GeneralSecurityException {
        ec = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
    }

    /** Each is {@code ec} or {@code rsa} and its names. */
    private static ServerCertificates of(String... certificates) {
        List<ServerCertificate> all = new ArrayList<>();
        for (String certificate : certificates) {
            List<String> words = List.of(certificate.split(" "));
            all.add(new ServerCertificate(
                    List.of(),
                    words.get(0).equals("ec") ? ec : rsa,
                    null,
                    words.subList(1, words.size()),
                    Location.UNKNOWN));
        }
        return new ServerCertificates(all);
    }

    private static int choose(ServerCertificates from, @Nullable String name, ClientHello client) {
        return from.choose(new ClientHello(name, client.tls13(), client.ecdsa(), client.rsa()));
    }

    @Test
    void prefersTheExactNameToTheWildcardAndThatToTheFirst() {
        ServerCertificates all = of("ec first.test", "ec *.a.test", "ec b.a.test");
        assertEquals(2, choose(all, "b.a.test", BOTH));
        assertEquals(1, choose(all, "c.a.test", BOTH));
        assertEquals(0, choose(all, "a.test", BOTH));
        assertEquals(0, choose(all, "x.c.a.test", BOTH));
        assertEquals(0, choose(all, "other.test", BOTH));
        assertEquals(0, choose(all, ".a.test", BOTH));
        assertEquals(0, choose(all, null, BOTH));
    }

    @Test
    void showsEachClientACertificateItCanVerify() {
        for (ServerCertificates all :
                List.of(of("rsa a.test", "ec a.test"), of("rsa x.test", "rsa a.test", "ec a.test"))) {
            int first = all.all().size() - 2;
            assertEquals(first + 1, choose(all, "a.test", BOTH));
            assertEquals(first + 1, choose(all, "a.test", ONLY_ECDSA));
            assertEquals(first, choose(all, "a.test", ONLY_RSA));
            assertEquals(first + 1, choose(all, "a.test", NEITHER));
        }
    }

    @Test
    void showsTheOnlyCertificateOfANameWhateverTheClientCan() {
        ServerCertificates all = of("rsa a.test", "ec b.test");
        assertEquals(0, choose(all, "a.test", ONLY_ECDSA));
        assertEquals(1, choose(all, "b.test", ONLY_RSA));
    }

    @Test
    void hasPairsForUnknownNamesToo() {
        ServerCertificates all = of("rsa a.test", "ec b.test", "ec a.test");
        assertEquals(2, choose(all, "unknown.test", BOTH));
        assertEquals(0, choose(all, null, ONLY_RSA));
    }

    @Test
    void takesTheFirstOfTwoForTheSame() {
        assertEquals(0, choose(of("ec a.test", "ec a.test"), "a.test", BOTH));
    }
}
