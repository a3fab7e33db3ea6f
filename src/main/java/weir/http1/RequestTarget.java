package weir.http1;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.http.Authority;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;

/**
 * Tells the four forms of a request target apart (RFC 9112 section 3.2), checks Host against it, and sets host, path and
 * query of the head. An absolute-form's authority must be what Host says: a request that names two hosts is refused.
 * CONNECT's authority-form is read for the log only; its path stays empty. Confined to one event loop.
 */
final class RequestTarget {
    private static final byte[] HTTP = "http://".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https://".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ROOT = {'/'};
    private static final byte[] ASTERISK = {'*'};

    private final Authority received = new Authority();
    private final Authority named = new Authority();

    /** Sets what the target and Host say; returns why they are refused, or null. */
    @Nullable
    MessageError read(RequestHead head) {
        Fields fields = head.fields();
        byte[] a = fields.array();
        int host = fields.first(KnownField.HOST);
        if (host >= 0) {
            int start = fields.valueStart(host);
            int length = fields.valueLength(host);
            if (fields.next(host) >= 0 || !received.read(a, start, start + length)) {
                return MessageError.HOST;
            }
            head.host().set(start, received.hostEnd() - start);
            head.forwardedHost().set(start, length);
        } else if (head.protocol() == Protocol.HTTP_1_1) {
            return MessageError.HOST;
        }
        int start = head.target().start();
        int end = head.target().end();
        MessageError error = null;
        if (head.method() == Method.CONNECT) {
            error = authorityForm(head, a, start, end);
        } else if (a[start] == '/') {
            pathAndQuery(head, a, start, end);
        } else if (end - start == 1 && a[start] == '*' && head.method() == Method.OPTIONS) {
            head.path().set(start, 1);
        } else {
            error = absoluteForm(head, a, start, end);
        }
        head.forwardedPath().set(head.path());
        return error;
    }

    private @Nullable MessageError authorityForm(RequestHead head, byte[] a, int start, int end) {
        if (!named.read(a, start, end) || named.port() < 0) {
            return MessageError.TARGET;
        }
        return agree(head, a, start, end, -1);
    }

    private @Nullable MessageError absoluteForm(RequestHead head, byte[] a, int start, int end) {
        boolean secure = startsWith(a, start, end, HTTPS);
        if (!secure && !startsWith(a, start, end, HTTP)) {
            return MessageError.TARGET;
        }
        int from = start + (secure ? HTTPS.length : HTTP.length);
        int to = from;
        while (to < end && a[to] != '/' && a[to] != '?') {
            to++;
        }
        if (!named.read(a, from, to)) {
            return MessageError.TARGET;
        }
        MessageError error = agree(head, a, from, to, secure ? 443 : 80);
        if (error == null) {
            pathAndQuery(head, a, to, end);
        }
        return error;
    }

    /** The target's authority replaces Host, from which it must not differ but in case, final dot and default port. */
    private @Nullable MessageError agree(RequestHead head, byte[] a, int start, int end, int defaultPort) {
        if (!head.host().isEmpty()) {
            boolean sameHost =
                    ConnectionFields.same(a, head.host().start(), head.host().end(), start, named.hostEnd());
            int port = received.port() < 0 ? defaultPort : received.port();
            boolean samePort = port == (named.port() < 0 ? defaultPort : named.port());
            boolean connect = defaultPort < 0 && received.port() < 0;
            if (!sameHost || !(samePort || connect)) {
                return MessageError.HOST;
            }
        }
        head.host().set(start, named.hostEnd() - start);
        head.forwardedHost().set(start, end - start);
        return null;
    }

    private static void pathAndQuery(RequestHead head, byte[] a, int start, int end) {
        int question = start;
        while (question < end && a[question] != '?') {
            question++;
        }
        head.query().set(question, end - question);
        if (question > start) {
            head.path().set(start, question - start);
        } else {
            boolean asterisk = head.method() == Method.OPTIONS && question == end;
            head.path().set(head.fields().append(asterisk ? ASTERISK : ROOT, 0, 1), 1);
        }
    }

    private static boolean startsWith(byte[] a, int start, int end, byte[] lower) {
        return end - start >= lower.length && FieldSyntax.equalsIgnoreCase(a, start, lower);
    }
}
