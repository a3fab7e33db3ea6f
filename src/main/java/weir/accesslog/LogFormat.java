package weir.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The format of a line, compiled once to an array of writers. Immutable; used by every event loop.
 *
 * <p>{@code json}, {@code combined} and {@code logfmt} are names; anything with braces is a template: text with
 * {@code {field}} or {@code {header.name}}, and <code>{{</code>, <code>}}</code> for the braces themselves.
 */
public final class LogFormat {
    private final FieldWriter[] parts;

    LogFormat(List<FieldWriter> parts) {
        this.parts = parts.toArray(FieldWriter[]::new);
    }

    /**
     * Compiles a format.
     *
     * @throws IllegalArgumentException when it is none; the message says what was expected and where
     */
    public static LogFormat compile(String format) {
        return switch (format) {
            case "json" -> new LogFormat(List.of(new JsonLine()));
            case "logfmt" -> logfmt();
            case "combined" -> combined();
            default -> TemplateParser.parse(format);
        };
    }

    /** Appends the line without its end. */
    void write(LoggedExchange exchange, LineBuffer out, LineClock clock) {
        for (FieldWriter part : parts) {
            part.write(exchange, out, clock);
        }
    }

    static FieldWriter literal(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return (exchange, out, clock) -> out.put(bytes);
    }

    private static LogFormat logfmt() {
        ValueStyle style = new LogfmtStyle();
        List<FieldWriter> parts = new ArrayList<>();
        for (LogField field : LogField.values()) {
            parts.add(literal((parts.isEmpty() ? "" : " ") + field.text() + "="));
            parts.add(field.in(style));
        }
        return new LogFormat(parts);
    }

    /** The "combined" format of Apache httpd and nginx; who the user is, Weir does not know. */
    private static LogFormat combined() {
        return new LogFormat(List.of(
                LogField.CLIENT.in(TextStyle.BARE),
                literal(" - - ["),
                (exchange, out, clock) -> clock.putCommon(exchange.startedMillis(), out),
                literal("] \""),
                new RequestLine(),
                literal("\" "),
                (exchange, out, clock) -> out.putDigits(exchange.status(), 3),
                literal(" "),
                LogField.BYTES_OUT.in(TextStyle.BARE),
                literal(" \""),
                LogField.REFERER.in(TextStyle.QUOTED),
                literal("\" \""),
                LogField.USER_AGENT.in(TextStyle.QUOTED),
                literal("\"")));
    }
}
