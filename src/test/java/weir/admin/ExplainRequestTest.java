package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExplainRequestTest {
    @ParameterizedTest
    @CsvSource({
        "http://example.com/a?b=c, http, example.com, /a?b=c",
        "HTTPS://Example.com:8443/a, https, Example.com:8443, /a",
        "http://example.com, http, example.com, /",
        "http://example.com?x, http, example.com, /?x",
        "http://example.com/a#b, http, example.com, /a",
        "http://example.com#b?c/d, http, example.com, /",
        "http://[::1]:8080/, http, [::1]:8080, /",
        "/a/../b, http, '', /a/../b",
        "//a, http, '', //a",
        "/http://x, http, '', /http://x",
    })
    void takesAUrlApart(String url, String scheme, String authority, String target) {
        assertEquals(
                new ExplainRequest("GET", scheme, authority, target, List.of()),
                ExplainRequest.of("GET", url, List.of()));
    }

    @Test
    void hostFieldWinsOverTheUrl() {
        ExplainRequest request = ExplainRequest.of(
                "GET", "http://127.0.0.1/x", List.of(RequestField.of("Host: example.com"), RequestField.of("A:b")));
        assertEquals("example.com", request.authority());
        assertEquals(List.of(new RequestField("a", "b")), request.fields());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "example.com/x", "http:/x", "http://", "http://u:p@h/", "/a b", "/ä", "/a\nb"})
    void refusesWhatIsNoUrl(String url) {
        String message = assertThrows(IllegalArgumentException.class, () -> ExplainRequest.of("GET", url, List.of()))
                .getMessage();
        assertTrue(message.startsWith("url: "), message);
    }
}
