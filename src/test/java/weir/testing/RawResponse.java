package weir.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response as it came. Immutable.
 *
 * @param head status line and fields with their line ends
 * @param interim the heads of the 1xx responses before it
 * @param body the content without its framing
 */
public record RawResponse(int status, String head, String interim, String body) {
    static RawResponse of(String head, String interim) {
        if (!head.matches("(?s)HTTP/1\\.1 \\d{3} .*")) {
            throw new AssertionError("no status line: " + head);
        }
        return new RawResponse(Integer.parseInt(head.substring(9, 12)), head, interim, "");
    }

    RawResponse withBody(String text) {
        return new RawResponse(status, head, interim, text);
    }

    /** The first value of a field; null when there is none. */
    public @Nullable String field(String name) {
        List<String> all = RawHead.values(head, name);
        return all.isEmpty() ? null : all.get(0);
    }

    /** Whether the connection ends with this response. */
    public boolean closes() {
        return "close".equalsIgnoreCase(field("connection"));
    }

    /** Every value of a field, in order. */
    public List<String> fields(String name) {
        return new ArrayList<>(RawHead.values(head, name));
    }
}
