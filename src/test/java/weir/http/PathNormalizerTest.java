package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {
    @ParameterizedTest
    @CsvSource({
        "/, /",
        "'', /",
        "*, *",
        "/a/b, /a/b",
        "/a//b/, /a//b/",
        "//, //",
        "/%61%2D%2e%5f%7E, /a-._~",
        "/%2f%5c%3a, /%2F%5C%3A",
        "/%2F%5C, /%2F%5C",
        "/%20%c3%A4, /%20%C3%A4",
        "/%252e%252e/, /%252e%252e/",
        "/x\\..\\admin, /x%5C..%5Cadmin",
        "/a/..\\b/../c, /a/c",
        "/[a]{b}|^`<>, /%5Ba%5D%7Bb%7D%7C%5E%60%3C%3E",
        "/a!$&()*+;=:@-._~, /a!$&()*+;=:@-._~",
        "/a/., /a/",
        "/a/./b, /a/b",
        "/./a, /a",
        "/., /",
        "/a/.., /",
        "/a/../, /",
        "/a/../b, /b",
        "/a/b/../../c, /c",
        "/a//../b, /a/b",
        "//.., /",
        "/public/%2e%2e/admin, /admin",
        "/public/%2E./admin, /admin",
        "/a/.b/..c/d../..., /a/.b/..c/d../...",
        "/a/..;/b, /a/..;/b",
        "/a/..%2Fb, /a/..%2Fb",
        "/a.b/c., /a.b/c.",
        "/%00a0, ",
        "/a%0, ",
        "/a%, ",
        "/a%g0, ",
        "/a%0G, ",
        "/a% 1, ",
        "/.., ",
        "/../a, ",
        "/a/../.., ",
        "/%2e%2e, ",
        "/a/b/../../../a, ",
        "a, ",
        "**, ",
        "a/../b, "
    })
    void bringsPathsToOneForm(String raw, @Nullable String normal) {
        assertEquals(normal, normalize(raw));
    }

    @Test
    void copiesNothingWhenThePathIsNormal() {
        RequestHead head = head("/hello/Ada%2F.well-known/..x");
        int length = head.fields().length();
        assertTrue(PathNormalizer.normalize(head));
        assertEquals(length, head.fields().length());
        assertEquals(0, head.path().start());
    }

    @Test
    void forwardsWhatIsMatched() {
        for (String path : new String[] {"/a", "/a/../b", "*", ""}) {
            RequestHead head = head(path);
            assertTrue(PathNormalizer.normalize(head));
            assertEquals(head.text(head.path()), head.text(head.forwardedPath()));
        }
    }

    @Test
    void keepsTheRawPathForTheLog() {
        RequestHead head = head("/a/../%62");
        head.target().set(head.path());
        assertTrue(PathNormalizer.normalize(head));
        assertEquals("/b", head.text(head.path()));
        assertEquals("/a/../%62", head.text(head.target()));
    }

    @Test
    void normalizingTwiceChangesNothing() {
        Random random = new Random(11);
        String[] parts = {
            "/", "/", ".", "..", "%2e", "%2E", "%2f", "%5C", "a", "%61", "%25", "2e", "%7e", "%c3", ";", "\\", "[", "|",
            "^"
        };
        int rejected = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder raw = new StringBuilder("/");
            for (int n = random.nextInt(12); n > 0; n--) {
                raw.append(parts[random.nextInt(parts.length)]);
            }
            String once = normalize(raw.toString());
            if (once == null) {
                rejected++;
                continue;
            }
            assertEquals(once, normalize(once), raw.toString());
            assertTrue(once.matches("[\\w/.~!$&'()*+,;=:@%-]+"), once);
            assertFalse((once + '/').contains("/../") || (once + '/').contains("/./"), once);
        }
        assertTrue(rejected > 100 && rejected < 15_000, "rejected " + rejected);
    }

    @ParameterizedTest
    @CsvSource({"/hello, /hello", "/caf\u00e9 x, /caf%C3%A9%20x", "/%7euser, /~user", "/a/./b, /a/b"})
    void encodesWhatTheConfigurationWritesPlainly(String configured, String normal) {
        assertEquals(normal, PathNormalizer.normalize(configured));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", "/a?b", "/a#b", "/..", "/%zz", "/a\nb"})
    void refusesConfiguredPathsThatNoRequestCanHave(String configured) {
        assertNull(PathNormalizer.normalize(configured));
    }

    private static @Nullable String normalize(String raw) {
        RequestHead head = head(raw);
        return PathNormalizer.normalize(head) ? head.text(head.path()) : null;
    }

    private static RequestHead head(String path) {
        RequestHead head = new RequestHead();
        byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
        head.path().set(head.fields().append(bytes, 0, bytes.length), bytes.length);
        return head;
    }
}
