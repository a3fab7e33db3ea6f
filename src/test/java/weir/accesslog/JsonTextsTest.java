package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class JsonTextsTest {
    private final JsonTexts texts = new JsonTexts();

    private static String text(Literal literal) {
        byte[] bytes = new byte[literal.length() + 7];
        literal.store(bytes, 0);
        return new String(bytes, 0, literal.length(), StandardCharsets.UTF_8);
    }

    @Test
    void quotesAndEscapes() {
        assertEquals("\"shop\"", text(texts.quoted("shop")));
        assertEquals("\"\"", text(texts.quoted("")));
        assertEquals("\"a\\\"b\\\\ü\"", text(texts.quoted("a\"b\\ü")));
    }

    @Test
    void escapesEachOfThousandsOnce() {
        Literal[] first = new Literal[10_000];
        for (int i = 0; i < first.length; i++) {
            first[i] = texts.quoted("route-" + i);
        }
        for (int i = 0; i < first.length; i++) {
            assertSame(first[i], texts.quoted("route-" + i));
        }
        assertEquals("\"route-4711\"", text(first[4711]));
    }

    @Test
    void holdsWithinBounds() {
        for (int i = 0; i < 300_000; i++) {
            assertEquals('"' + Integer.toString(i) + '"', text(texts.quoted(Integer.toString(i))));
        }
        assertTrue(texts.places() <= JsonTexts.MOST);
        assertEquals("\"0\"", text(texts.quoted("0")));
    }
}
