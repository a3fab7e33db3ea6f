package weir.admin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import weir.http.FieldSyntax;

/**
 * A request that nobody sends: where would it go? Immutable.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority host and port as the Host field would have them; empty when the URL was only a path
 * @param target path and query, beginning with a slash, not normalised
 * @param fields the other fields, Host left out
 */
public record ExplainRequest(String method, String scheme, String authority, String target, List<RequestField> fields) {
    private static final String EXPECTED = " (expected: http://host/path, https://host/path or /path)";

    public ExplainRequest {
        fields = List.copyOf(fields);
    }

    /**
     * Takes a URL apart. A {@code host} field wins over the host of the URL.
     *
     * @throws IllegalArgumentException when method or URL could not stand in a request, with a message for people
     */
    public static ExplainRequest of(String method, String url, List<RequestField> fields) {
        byte[] m = method.getBytes(StandardCharsets.UTF_8);
        if (!FieldSyntax.isToken(m, 0, m.length)) {
            throw new IllegalArgumentException("method: " + method + " (expected: a name such as GET)");
        }
        String scheme = url.regionMatches(true, 0, "https://", 0, 8) ? "https" : "http";
        int start = 0;
        if (!url.startsWith("/")) {
            start = scheme.length() + 3;
            if (!url.regionMatches(true, 0, scheme + "://", 0, start)) {
                throw new IllegalArgumentException("url: " + url + EXPECTED);
            }
        }
        int end = firstOf(url, start, "#", url.length());
        int path = start == 0 ? 0 : firstOf(url, start, "/?", end);
        String authority = url.substring(start, path);
        if (authority.indexOf('@') >= 0 || (start > 0 && authority.isEmpty())) {
            throw new IllegalArgumentException("url: " + url + EXPECTED);
        }
        String target = url.substring(path, end);
        return new ExplainRequest(
                method,
                scheme,
                host(fields, authority),
                checked(target.startsWith("/") ? target : '/' + target, url),
                fields.stream().filter(f -> !f.name().equals("host")).toList());
    }

    private static String host(List<RequestField> fields, String otherwise) {
        for (RequestField f : fields) {
            if (f.name().equals("host")) {
                return f.value();
            }
        }
        return otherwise;
    }

    private static String checked(String target, String url) {
        for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
            if (!FieldSyntax.isTargetByte(b)) {
                throw new IllegalArgumentException("url: " + url + " (expected: other characters percent-encoded)");
            }
        }
        return target;
    }

    private static int firstOf(String text, int from, String any, int end) {
        for (int i = from; i < end; i++) {
            if (any.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return end;
    }
}
