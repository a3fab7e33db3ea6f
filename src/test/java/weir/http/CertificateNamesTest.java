package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertificateNamesTest {
    private final CertificateNames names =
            new CertificateNames(List.of("a.test", "*.W.test", "192.0.2.7", "2001:db8:0:0:0:0:0:7"));

    @ParameterizedTest
    @CsvSource({
        "a.test, true",
        "A.TEST, true",
        "b.test, false",
        "x.a.test, false",
        "x.w.test, true",
        "X.W.Test, true",
        "w.test, false",
        "y.x.w.test, false",
        ".w.test, false",
        "192.0.2.7, true",
        "192.0.2.8, false",
        "[2001:db8::7], true",
        "[2001:DB8::0:7], true",
        "[2001:db8::8], false",
        "[x], false",
        "'', false"
    })
    void coversNamesOfOneLabelAndAddresses(String host, boolean covered) {
        byte[] bytes = ("//" + host + ":1").getBytes(StandardCharsets.US_ASCII);
        Span span = new Span();
        span.set(2, host.length());
        assertEquals(covered, names.cover(bytes, span));
    }
}
