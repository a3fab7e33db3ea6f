package weir.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pseudo-header fields of a request (RFC 9113 section 8.3.1; RFC 9114 section 4.3.1; RFC 8441 section 4): which there
 * must be and which may not, once each, and what they say, as method, target, host, path and query of the head. A request
 * that names two hosts is refused; in HTTP/3 already one that writes the same host in two ways. A WebSocket opened by an
 * extended CONNECT, which HTTP/3 is not offered, becomes the GET that HTTP/1.1 opens it with, so that it is routed and
 * forwarded like any other. Confined to one event loop.
 */
final class PseudoFields {
    private static final byte[] METHOD = ascii(":method");
    private static final byte[] PATH = ascii(":path");
    private static final byte[] SCHEME = ascii(":scheme");
    private static final byte[] AUTHORITY = ascii(":authority");
    private static final byte[] PROTOCOL = ascii(":protocol");
    private static final byte[] HTTP = ascii("http");
    private static final byte[] HTTPS = ascii("https");
    private static final byte[] WEBSOCKET = ascii("websocket");
    private static final byte[] GET = ascii("GET");
    private static final byte[] HOST_START = ascii("host: ");
    private static final byte[] LINE_END = ascii("\r\n");

    /** What a request line has beyond method and target. */
    private static final int LINE_OVERHEAD = " HTTP/1.1 ".length();

    /** A name has at most 253 bytes; there is nothing to be said for more. */
    private static final int MOST_AUTHORITY = 1024;

    private static final int SAID_METHOD = 1;
    private static final int SAID_PATH = 2;
    private static final int SAID_SCHEME = 4;
    private static final int SAID_AUTHORITY = 8;
    private static final int SAID_PROTOCOL = 16;
    private static final int WHOLE = SAID_METHOD | SAID_PATH | SAID_SCHEME;

    private final int maxLine;
    private final boolean http3;
    private final Authority received = new Authority();
    private final Authority named = new Authority();
    private @Nullable RequestHead head;
    private int said;
    private int line;
    private boolean secure;
    private int authorityStart;
    private int authorityLength;

    /** Method and target take at most so many bytes in a request line of HTTP/1.1. */
    PseudoFields(int maxLine, Protocol version) {
        this.maxLine = maxLine;
        this.http3 = version == Protocol.HTTP_3;
    }

    void begin(RequestHead to) {
        head = to;
        said = 0;
        line = LINE_OVERHEAD;
        authorityLength = 0;
    }

    /** Takes one of them; returns why it is refused, or null. */
    @Nullable
    MessageError field(byte[] name, int nameStart, int nameLength, byte[] value, int start, int length) {
        RequestHead to = present();
        int which = which(name, nameStart, nameLength);
        if (which == 0 || (said & which) != 0) {
            return MessageError.PSEUDO_FIELD;
        }
        said |= which;
        if (which <= SAID_PATH) {
            line += length;
            if (line > maxLine) {
                return MessageError.TARGET_TOO_LONG;
            }
        }
        return switch (which) {
            case SAID_METHOD -> method(to, value, start, length);
            case SAID_PATH -> path(to, value, start, length);
            case SAID_SCHEME -> scheme(value, start, length);
            case SAID_AUTHORITY -> authority(to, value, start, length);
            default -> is(value, start, length, WEBSOCKET) ? null : MessageError.PSEUDO_FIELD;
        };
    }

    private int which(byte[] a, int start, int length) {
        return switch (length) {
            case 5 -> equal(a, start, PATH) ? SAID_PATH : 0;
            case 7 -> equal(a, start, METHOD) ? SAID_METHOD : equal(a, start, SCHEME) ? SAID_SCHEME : 0;
            case 9 -> !http3 && equal(a, start, PROTOCOL) ? SAID_PROTOCOL : 0;
            case 10 -> equal(a, start, AUTHORITY) ? SAID_AUTHORITY : 0;
            default -> 0;
        };
    }

    private static @Nullable MessageError method(RequestHead to, byte[] value, int start, int length) {
        if (!FieldSyntax.isToken(value, start, start + length)) {
            return MessageError.METHOD;
        }
        to.method(to.fields().append(value, start, length), length);
        return null;
    }

    private static @Nullable MessageError path(RequestHead to, byte[] value, int start, int length) {
        if (length == 0 || FieldSyntax.targetEnd(value, start, start + length) < start + length) {
            return MessageError.TARGET;
        }
        to.target().set(to.fields().append(value, start, length), length);
        return null;
    }

    private @Nullable MessageError scheme(byte[] value, int start, int length) {
        secure = is(value, start, length, HTTPS);
        return secure || is(value, start, length, HTTP) ? null : MessageError.PSEUDO_FIELD;
    }

    /** Laid out as the Host field that it stands for. */
    private @Nullable MessageError authority(RequestHead to, byte[] value, int start, int length) {
        if (length > MOST_AUTHORITY || !FieldSyntax.isValue(value, start, start + length)) {
            return MessageError.HOST;
        }
        Fields fields = to.fields();
        fields.append(HOST_START, 0, HOST_START.length);
        authorityStart = fields.append(value, start, length);
        authorityLength = length;
        fields.append(LINE_END, 0, LINE_END.length);
        return null;
    }

    /** Completes the head when all fields are there; returns why it is refused, or null. It is let go. */
    @Nullable
    MessageError end(boolean endStream) {
        RequestHead to = present();
        head = null;
        boolean connect = to.method() == Method.CONNECT;
        boolean extended = connect && (said & SAID_PROTOCOL) != 0;
        if ((said & SAID_METHOD) == 0 || ((said & SAID_PROTOCOL) != 0 && (!extended || endStream))) {
            return MessageError.PSEUDO_FIELD;
        }
        if (connect && !extended) {
            return connect(to);
        }
        if ((said & WHOLE) != WHOLE) {
            return MessageError.PSEUDO_FIELD;
        }
        if (extended) {
            to.method(to.fields().append(GET, 0, GET.length), GET.length);
            to.upgradesToWebSocket(true);
        }
        MessageError error = host(to, secure ? 443 : 80);
        return error != null ? error : target(to);
    }

    /** The authority-form of CONNECT (RFC 9113 section 8.5), for the log; the proxy refuses it. */
    private @Nullable MessageError connect(RequestHead to) {
        if ((said & (SAID_PATH | SAID_SCHEME)) != 0) {
            return MessageError.PSEUDO_FIELD;
        }
        to.target().set(authorityStart, authorityLength);
        MessageError error = host(to, -1);
        return error == null && (said & SAID_AUTHORITY) != 0 && named.port() < 0 ? MessageError.TARGET : error;
    }

    private static @Nullable MessageError target(RequestHead to) {
        byte[] a = to.fields().array();
        int start = to.target().start();
        int end = to.target().end();
        if (a[start] != '/' && !(to.method() == Method.OPTIONS && end - start == 1 && a[start] == '*')) {
            return MessageError.TARGET;
        }
        int question = start;
        while (question < end && a[question] != '?') {
            question++;
        }
        to.path().set(start, question - start);
        to.query().set(question, end - question);
        to.forwardedPath().set(to.path());
        return null;
    }

    /** The authority is the host; a Host field must not differ from it but in case, final dot and default port. */
    private @Nullable MessageError host(RequestHead to, int defaultPort) {
        Fields fields = to.fields();
        byte[] a = fields.array();
        int host = fields.first(KnownField.HOST);
        boolean both = host >= 0 && (said & SAID_AUTHORITY) != 0;
        if (host >= 0) {
            int start = fields.valueStart(host);
            int length = fields.valueLength(host);
            if (fields.next(host) >= 0 || !received.read(a, start, start + length)) {
                return MessageError.HOST;
            }
            to.host().set(start, received.hostEnd() - start);
            to.forwardedHost().set(start, length);
        }
        if ((said & SAID_AUTHORITY) == 0) {
            return host >= 0 ? null : MessageError.HOST;
        }
        int end = authorityStart + authorityLength;
        if (!named.read(a, authorityStart, end)) {
            return MessageError.HOST;
        }
        if (both && !(http3 ? same(a, to) : agree(a, to, defaultPort))) {
            return MessageError.HOST;
        }
        to.host().set(authorityStart, named.hostEnd() - authorityStart);
        to.forwardedHost().set(authorityStart, authorityLength);
        if (!both) {
            int nameStart = authorityStart - HOST_START.length;
            fields.index(nameStart, HOST_START.length - 2, authorityStart, authorityLength);
        }
        return null;
    }

    /** Whether both are the same text but for case (RFC 9114 section 4.3.1). */
    private boolean same(byte[] a, RequestHead to) {
        return to.forwardedHost().length() == authorityLength
                && equalIgnoreCase(a, to.forwardedHost().start(), authorityStart, authorityLength);
    }

    private boolean agree(byte[] a, RequestHead to, int defaultPort) {
        int length = named.hostEnd() - authorityStart;
        if (to.host().length() != length || !equalIgnoreCase(a, to.host().start(), authorityStart, length)) {
            return false;
        }
        int port = received.port() < 0 ? defaultPort : received.port();
        return port == (named.port() < 0 ? defaultPort : named.port());
    }

    private static boolean equalIgnoreCase(byte[] a, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (FieldSyntax.toLower(a[one + i]) != FieldSyntax.toLower(a[other + i])) {
                return false;
            }
        }
        return true;
    }

    private RequestHead present() {
        RequestHead to = head;
        if (to == null) {
            throw new IllegalStateException("not begun");
        }
        return to;
    }

    private static boolean equal(byte[] a, int start, byte[] name) {
        return Arrays.equals(a, start, start + name.length, name, 0, name.length);
    }

    private static boolean is(byte[] a, int start, int length, byte[] lower) {
        return length == lower.length && FieldSyntax.equalsIgnoreCase(a, start, lower);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
