package weir.accesslog;

/**
 * Values of logfmt: {@code key=value}, in quotes where the value is empty or has a space, an equals sign, a quote or
 * anything but printable ASCII; then with the escapes of JSON. A value that is missing is nothing. Immutable.
 */
final class LogfmtStyle implements ValueStyle {
    @Override
    public void absent(LineBuffer out) {}

    @Override
    public void time(LineBuffer out, LineClock clock, long millis) {
        clock.putIso(millis, out);
    }

    @Override
    public void text(LineBuffer out, byte[] value, int start, int length) {
        if (isBare(value, start, length)) {
            out.put(value, start, length);
            return;
        }
        out.put('"');
        JsonStyle.putEscaped(out, value, start, length);
        out.put('"');
    }

    @Override
    public void attempts(LineBuffer out, LoggedExchange exchange) {
        ValueStyle.listAttempts(this, out, exchange);
    }

    private static boolean isBare(byte[] value, int start, int length) {
        for (int i = start; i < start + length; i++) {
            byte c = value[i];
            if (c <= ' ' || c == '=' || c == '"' || c == '\\' || c == 0x7f) {
                return false;
            }
        }
        return length > 0 && length <= LONGEST;
    }
}
