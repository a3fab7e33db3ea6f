package weir.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a request's fields say of its body and its expectation (RFC 9113 section 8.1.1; RFC 9114 section 4.1.2; RFC 9110). Stateless. */
final class RequestRules {
    private static final byte[] CONTINUE = "100-continue".getBytes(StandardCharsets.US_ASCII);

    private RequestRules() {}

    /** Sets the length of a head whose fields are whole; returns why it is refused, or null. */
    static @Nullable MessageError check(RequestHead head, boolean endStream) {
        Fields fields = head.fields();
        int i = fields.first(KnownField.CONTENT_LENGTH);
        long length = endStream ? 0 : RequestHead.UNKNOWN_LENGTH;
        if (i >= 0) {
            int start = fields.valueStart(i);
            length = FieldSyntax.parseContentLength(fields.array(), start, start + fields.valueLength(i));
            if (length < 0 || fields.next(i) >= 0 || (endStream && length > 0)) {
                return MessageError.CONTENT_LENGTH;
            }
        }
        if (head.upgradesToWebSocket()) {
            length = 0;
        }
        head.contentLength(length);
        int expect = fields.first(KnownField.EXPECT);
        boolean known = expect < 0 || (fields.next(expect) < 0 && fields.valueIsIgnoreCase(expect, CONTINUE));
        if (!known) {
            return MessageError.EXPECTATION;
        }
        return head.method() == Method.CONNECT && length > 0 ? MessageError.CONTENT_LENGTH : null;
    }
}
