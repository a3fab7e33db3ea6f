package weir.accesslog;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Values of a JSON object (RFC 8259). Well-formed UTF-8 stays; what is none becomes U+FFFD, so that the line is always
 * valid. Controls, also those above U+007F, and the line separators of Unicode are escaped. Immutable.
 */
final class JsonStyle implements ValueStyle {
    private static final byte[] CUT = ascii("...");
    private static final Literal BACKEND = new Literal(ascii("{\"backend\":"));
    private static final Literal OUTCOME = new Literal(ascii(",\"outcome\":"));
    private static final byte[] UNICODE = ascii("\\u");
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] REPLACEMENT = "\ufffd".getBytes(StandardCharsets.UTF_8);
    private static final boolean[] PLAIN = new boolean[256];

    static {
        for (int c = 0x20; c < 0x7f; c++) {
            PLAIN[c] = c != '"' && c != '\\';
        }
    }

    @Override
    public void absent(LineBuffer out) {}

    @Override
    public void time(LineBuffer out, LineClock clock, long millis) {
        out.put('"');
        clock.putIso(millis, out);
        out.put('"');
    }

    @Override
    public void text(LineBuffer out, byte[] value, int start, int length) {
        out.put('"');
        putEscaped(out, value, start, length);
        out.put('"');
    }

    @Override
    public void attempts(LineBuffer out, LoggedExchange exchange) {
        int n = exchange.attempts();
        out.put('[');
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                out.put(',');
            }
            out.put(BACKEND);
            out.putQuoted(exchange.attemptBackend(i));
            out.put(OUTCOME);
            outcome(out, exchange, i);
            out.put('}');
        }
        out.put(']');
    }

    private static void outcome(LineBuffer out, LoggedExchange exchange, int attempt) {
        String code = exchange.attemptCode(attempt);
        int status = exchange.attemptStatus(attempt);
        if (!code.isEmpty()) {
            out.putQuoted(code);
        } else if (status == 0) {
            out.putQuoted("ok"); // a TCP connection
        } else {
            out.put('"');
            out.putNumber(status);
            out.put('"');
        }
    }

    @Override
    public void text(LineBuffer out, @Nullable String value) {
        if (value != null) {
            out.putQuoted(value);
        }
    }

    /** The text between quotes; logfmt uses the same escapes. */
    static void putEscaped(LineBuffer out, byte[] value, int start, int length) {
        int end = start + Math.min(length, LONGEST);
        int at = out.putPlain(value, start, end);
        while (at < end) {
            int from = at;
            while (at < end && PLAIN[value[at] & 0xff]) {
                at++;
            }
            out.put(value, from, at - from);
            if (at < end) {
                at += putSpecial(out, value, at, end);
            }
        }
        if (length > LONGEST) {
            out.put(CUT);
        }
    }

    /** Writes one character that is not plain. Returns how many bytes it has. */
    private static int putSpecial(LineBuffer out, byte[] value, int at, int end) {
        int c = value[at] & 0xff;
        if (c == '"' || c == '\\') {
            out.put('\\');
            out.put(c);
            return 1;
        }
        if (c < 0x80) {
            putUnicode(out, c);
            return 1;
        }
        int length = Utf8.length(value, at, end);
        if (length == 0) {
            out.put(REPLACEMENT);
            return 1;
        }
        int point = Utf8.point(value, at, length);
        if (point < 0xa0 || point == 0x2028 || point == 0x2029) {
            putUnicode(out, point);
        } else {
            out.put(value, at, length);
        }
        return length;
    }

    private static void putUnicode(LineBuffer out, int c) {
        out.put(UNICODE);
        out.put(HEX[c >> 12 & 15]);
        out.put(HEX[c >> 8 & 15]);
        out.put(HEX[c >> 4 & 15]);
        out.put(HEX[c & 15]);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
