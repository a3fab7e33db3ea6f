package weir.accesslog;

import java.nio.charset.StandardCharsets;

/**
 * Values of {@code combined} and of templates: quote, backslash, controls and every byte above 0x7e become
 * {@code \xHH}, as in nginx's log; a value that is missing or empty is {@code -}. Where the template has no quotes
 * around a value, a space is escaped too, so that no client can forge a column. Immutable.
 */
final class TextStyle implements ValueStyle {
    /** Within quotes of the template. */
    static final TextStyle QUOTED = new TextStyle(true);
    /** Anywhere else. */
    static final TextStyle BARE = new TextStyle(false);

    private static final byte[] CUT = "...".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private final boolean[] plain = new boolean[256];

    private TextStyle(boolean quoted) {
        for (int c = quoted ? ' ' : '!'; c < 0x7f; c++) {
            plain[c] = c != '"' && c != '\\';
        }
    }

    @Override
    public void absent(LineBuffer out) {
        out.put('-');
    }

    @Override
    public void time(LineBuffer out, LineClock clock, long millis) {
        clock.putIso(millis, out);
    }

    @Override
    public void text(LineBuffer out, byte[] value, int start, int length) {
        if (length == 0) {
            absent(out);
            return;
        }
        int end = start + Math.min(length, LONGEST);
        int at = start;
        while (at < end) {
            int from = at;
            while (at < end && plain[value[at] & 0xff]) {
                at++;
            }
            out.put(value, from, at - from);
            if (at < end) {
                int c = value[at++] & 0xff;
                out.put('\\');
                out.put('x');
                out.put(HEX[c >> 4]);
                out.put(HEX[c & 15]);
            }
        }
        if (length > LONGEST) {
            out.put(CUT);
        }
    }

    @Override
    public void attempts(LineBuffer out, LoggedExchange exchange) {
        ValueStyle.listAttempts(this, out, exchange);
    }
}
