package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.config.LimitsConfig;

/** One set of rules for the requests of HTTP/2 and HTTP/3, and where the versions differ. */
final class RequestFieldsTest {
    private final RequestHead head = new RequestHead();

    private @Nullable MessageError read(Protocol version, String... fields) {
        RequestFields reader = new RequestFields(MessageLimits.of(LimitsConfig.DEFAULT), version);
        head.clear();
        reader.beginHead(head);
        for (int i = 0; i < fields.length; i += 2) {
            byte[] name = fields[i].getBytes(StandardCharsets.ISO_8859_1);
            byte[] value = fields[i + 1].getBytes(StandardCharsets.ISO_8859_1);
            reader.field(name, 0, name.length, value, 0, value.length);
        }
        return reader.endHead(false);
    }

    @Test
    void readsTheSameRequestOfBothVersions() {
        for (Protocol version : new Protocol[] {Protocol.HTTP_2, Protocol.HTTP_3}) {
            assertNull(read(
                    version,
                    ":method",
                    "GET",
                    ":scheme",
                    "https",
                    ":path",
                    "/a?b",
                    ":authority",
                    "a.test:8443",
                    "cookie",
                    "a=1",
                    "x",
                    "y",
                    "cookie",
                    "b=2"));
            assertEquals("/a", head.text(head.path()));
            assertEquals("?b", head.text(head.query()));
            assertEquals("a.test", head.text(head.host()));
            assertEquals("a.test:8443", head.fields().value(KnownField.HOST));
            assertEquals("a=1; b=2", head.fields().value(KnownField.COOKIE));
            assertEquals(RequestHead.UNKNOWN_LENGTH, head.contentLength());
        }
    }

    @Test
    void takesNoTwoSpellingsOfAHostOverHttp3() {
        String[] request = {
            ":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.test", "host", "a.test:443"
        };
        assertNull(read(Protocol.HTTP_2, request), "the same server (RFC 9113 section 8.3.1)");
        assertEquals(MessageError.HOST, read(Protocol.HTTP_3, request), "not the same value (RFC 9114 section 4.3.1)");
        request[9] = "A.test";
        assertNull(read(Protocol.HTTP_3, request));
        request[9] = "b.test";
        assertEquals(MessageError.HOST, read(Protocol.HTTP_2, request));
        assertEquals(MessageError.HOST, read(Protocol.HTTP_3, request));
    }

    @Test
    void opensWebSocketsOnlyWhereThatIsOffered() {
        String[] request = {
            ":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/", ":authority", "a.test"
        };
        assertNull(read(Protocol.HTTP_2, request));
        assertTrue(head.upgradesToWebSocket());
        assertEquals(MessageError.PSEUDO_FIELD, read(Protocol.HTTP_3, request));
    }
}
