package weir.accesslog;

/** Writes one part of a line: a field's value or fixed text. Immutable; called on every event loop. */
@FunctionalInterface
interface FieldWriter {
    /** Appends the part. */
    void write(LoggedExchange exchange, LineBuffer out, LineClock clock);
}
