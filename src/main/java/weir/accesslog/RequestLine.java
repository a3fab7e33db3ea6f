package weir.accesslog;

import weir.http.RequestHead;
import weir.http.Span;

/** The request line as received, or {@code -} when none came. Immutable. */
final class RequestLine implements FieldWriter {
    @Override
    public void write(LoggedExchange exchange, LineBuffer out, LineClock clock) {
        RequestHead head = exchange.request();
        if (head == null || head.methodName().isEmpty() && head.target().isEmpty()) {
            TextStyle.QUOTED.absent(out);
            return;
        }
        put(head, head.methodName(), out);
        out.put(' ');
        put(head, head.target(), out);
        if (exchange.protocol() != null) {
            out.put(' ');
            TextStyle.QUOTED.text(out, exchange.protocol());
        }
    }

    private static void put(RequestHead head, Span span, LineBuffer out) {
        TextStyle.QUOTED.text(out, head.fields().array(), span.start(), span.length());
    }
}
