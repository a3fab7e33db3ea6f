package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RequestHeadTest {
    private final RequestHead head = new RequestHead();

    private int append(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return head.fields().append(bytes, 0, bytes.length);
    }

    private void field(String name, String value) {
        int at = append(name);
        int valueAt = append(value);
        head.fields().index(at, name.length(), valueAt, value.length());
    }

    @Test
    void keepsWhatALogLineSaysWhenCut() {
        head.method(append("GET"), 3);
        head.target().set(append("/a?b"), 4);
        head.host().set(append("a.test"), 6);
        field("user-agent", "curl");
        field("x-large", "v".repeat(30_000));
        head.fields().add(KnownField.X_FORWARDED_FOR).value("1.2.3.4");
        head.compact();
        assertEquals("GET", head.text(head.methodName()));
        assertEquals("/a?b", head.text(head.target()));
        assertEquals("a.test", head.text(head.host()));
        assertEquals("curl", head.fields().value(KnownField.USER_AGENT));
        assertEquals("v".repeat(256), head.fields().value(1));
        assertEquals(2, head.fields().count());
        assertTrue(head.fields().array().length < 300, "holds " + head.fields().array().length);
        head.clear();
        head.method(append("POST"), 4);
        assertEquals("POST", head.text(head.methodName()));
    }
}
