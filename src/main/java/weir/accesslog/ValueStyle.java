package weir.accesslog;

import org.jspecify.annotations.Nullable;

/**
 * How a format writes one value: with which quotes and escapes, and what stands for a value that is missing. Whatever
 * bytes a value has, it can end neither the line nor its own quotes. Immutable.
 */
interface ValueStyle {
    /** Bytes of one value that are logged at most: longer ones are cut and end in {@code ...}. */
    int LONGEST = 8 * 1024;

    /** A value of any bytes; one of length 0 is there and empty. */
    void text(LineBuffer out, byte[] value, int start, int length);

    /** No value. */
    void absent(LineBuffer out);

    /** A moment in milliseconds since 1970. */
    void time(LineBuffer out, LineClock clock, long millis);

    /** What was tried: backend and outcome of each attempt. */
    void attempts(LineBuffer out, LoggedExchange exchange);

    /** A whole number. */
    default void number(LineBuffer out, long n) {
        out.putNumber(n);
    }

    /** A duration in seconds; a negative one is missing. */
    default void seconds(LineBuffer out, long nanos) {
        if (nanos < 0) {
            absent(out);
        } else {
            out.putSeconds(nanos);
        }
    }

    /** Text that a client has chosen, missing when null: no style may keep it, as there is no end of such texts. */
    default void clientText(LineBuffer out, @Nullable String value) {
        if (value == null) {
            absent(out);
        } else {
            int length = out.encode(value, 0);
            text(out, out.scratch(), 0, length);
        }
    }

    /** One of few values, such as the name of a service; missing when null. */
    default void text(LineBuffer out, @Nullable String value) {
        clientText(out, value);
    }

    /**
     * The outcome of an attempt: the status of its response, the code of its failure, or {@code ok} for a TCP
     * connection. Returns its length.
     */
    static int encodeOutcome(LineBuffer out, LoggedExchange exchange, int attempt, int at) {
        String code = exchange.attemptCode(attempt);
        int status = exchange.attemptStatus(attempt);
        return code.isEmpty() && status != 0
                ? out.encodeNumber(status, at)
                : out.encode(code.isEmpty() ? "ok" : code, at);
    }

    /** {@code 10.0.0.1:80/reset,10.0.0.2:80/200}, as one value. */
    static void listAttempts(ValueStyle style, LineBuffer out, LoggedExchange exchange) {
        int n = exchange.attempts();
        if (n == 0) {
            style.absent(out);
            return;
        }
        int at = 0;
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                at += out.encode(",", at);
            }
            at += out.encode(exchange.attemptBackend(i), at);
            at += out.encode("/", at);
            at += encodeOutcome(out, exchange, i, at);
        }
        style.text(out, out.scratch(), 0, at);
    }
}
