package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import weir.config.Location;
import weir.config.RouteConfig;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.Span;

/**
 * An answer that sends the client elsewhere (RFC 9110 section 15.4). The template is compiled once to literals and
 * placeholders: {@code {scheme}}, {@code {host}} without port, {@code {path}} normalised, {@code {query}} with its
 * question mark or nothing. What a client can put there is visible ASCII that the parser has checked, so no line can
 * be broken; and a path always begins with one slash of its own host, so {@code {path}} alone cannot lead to another
 * host (RFC 3986 section 4.2). Immutable.
 */
public final class Redirect {
    private static final byte[] HTTP = {'h', 't', 't', 'p'};
    private static final byte[] HTTPS = {'h', 't', 't', 'p', 's'};
    private static final byte[] HERE = {'/', '.'};
    private static final byte[] ROOT = {'/'};

    private final int status;
    private final Piece[] pieces;
    private final boolean needsHost;

    private enum Kind {
        LITERAL,
        SCHEME,
        HOST,
        PATH,
        QUERY
    }

    private record Piece(Kind kind, byte[] literal) {}

    private Redirect(int status, Piece[] pieces, boolean needsHost) {
        this.status = status;
        this.pieces = pieces;
        this.needsHost = needsHost;
    }

    /** The redirect of a route; an {@link IllegalArgumentException} says what is wrong with it. */
    static Redirect of(RouteConfig.Redirect redirect, Location location) {
        int status = redirect.status();
        if (status < 301 || status > 308 || status > 303 && status < 307) {
            throw new IllegalArgumentException(
                    location + ": status: " + status + " (expected: 301, 302, 303, 307 or 308)");
        }
        List<Piece> pieces = compile(redirect.to(), location);
        boolean needsHost = pieces.stream().anyMatch(piece -> piece.kind == Kind.HOST);
        return new Redirect(status, pieces.toArray(Piece[]::new), needsHost);
    }

    private static List<Piece> compile(String template, Location location) {
        List<Piece> pieces = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            int open = template.indexOf('{', at);
            int literalEnd = open < 0 ? template.length() : open;
            if (literalEnd > at) {
                pieces.add(literal(template.substring(at, literalEnd), location));
            }
            if (open < 0) {
                break;
            }
            int close = template.indexOf('}', open);
            String name = close < 0 ? "" : template.substring(open + 1, close);
            Piece piece = placeholder(name, location);
            if (piece.kind == Kind.PATH && literalEnd > at && "/\\:".indexOf(template.charAt(open - 1)) >= 0) {
                // The path brings its own slash: two of them would let it name a host.
                throw new IllegalArgumentException(
                        location + ": redirect: " + template + " (expected: no slash or colon before {path})");
            }
            pieces.add(piece);
            at = close + 1;
        }
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException(location + ": redirect: to (expected: a URL)");
        }
        return pieces;
    }

    private static Piece literal(String text, Location location) {
        if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '}')) {
            throw new IllegalArgumentException(
                    location + ": redirect: " + text + " (expected: visible ASCII, other characters as %XX)");
        }
        return new Piece(Kind.LITERAL, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Piece placeholder(String name, Location location) {
        Kind kind = switch (name) {
            case "scheme" -> Kind.SCHEME;
            case "host" -> Kind.HOST;
            case "path" -> Kind.PATH;
            case "query" -> Kind.QUERY;
            default ->
                throw new IllegalArgumentException(
                        location + ": redirect: {" + name + "} (expected: {scheme}, {host}, {path} or {query})");
        };
        return new Piece(kind, new byte[0]);
    }

    /** The status. */
    public int status() {
        return status;
    }

    /** Writes status, length and {@code Location} into a cleared head; false as {@link #location} says. */
    public boolean fill(RequestHead request, boolean secure, ResponseHead response) {
        response.status(status);
        response.contentLength(0);
        return location(request, secure, response.fields());
    }

    /**
     * Adds the {@code Location} field for a request with a normalised path.
     *
     * @param secure whether the client's connection is encrypted: the scheme
     * @return false, with nothing added, when the template names the host but the request (HTTP/1.0) does not; the
     *     answer then is 400
     */
    public boolean location(RequestHead head, boolean secure, Fields out) {
        if (needsHost && head.host().isEmpty()) {
            return false;
        }
        out.add(KnownField.LOCATION);
        byte[] a = head.fields().array();
        for (Piece piece : pieces) {
            switch (piece.kind) {
                case LITERAL -> out.value(piece.literal);
                case SCHEME -> out.value(secure ? HTTPS : HTTP);
                case HOST -> copy(a, head.host(), out);
                case PATH -> path(a, head.path(), out);
                case QUERY -> copy(a, head.query(), out);
            }
        }
        return true;
    }

    private static void path(byte[] a, Span path, Fields out) {
        if (a[path.start()] != '/') {
            out.value(ROOT); // OPTIONS *
            return;
        }
        boolean begins = out.valueLength(out.count() - 1) == 0;
        if (begins && path.length() > 1 && (a[path.start() + 1] == '/' || a[path.start() + 1] == '\\')) {
            // A reference that begins with two slashes, or what browsers take for them, names a host.
            out.value(HERE);
        }
        copy(a, path, out);
    }

    private static void copy(byte[] a, Span span, Fields out) {
        out.value(a, span.start(), span.length());
    }
}
