package weir.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import weir.http.RequestHead;

/** Reads a template. Used by one thread, once. */
final class TemplateParser {
    private static final String HEADER = "header.";

    private final String template;
    private final List<FieldWriter> parts = new ArrayList<>();
    private final StringBuilder literal = new StringBuilder();
    private boolean quoted;

    private TemplateParser(String template) {
        this.template = template;
    }

    static LogFormat parse(String template) {
        return new TemplateParser(template).parse();
    }

    private LogFormat parse() {
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            boolean twice = template.startsWith("" + c + c, at);
            if ((c == '{' || c == '}') && twice) {
                literal.append(c);
                at += 2;
            } else if (c == '{') {
                at = field(at);
            } else if (c == '}') {
                throw wrong("} without {", at, "}} for a brace");
            } else {
                literal(c, at++);
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("unknown format \"" + template
                    + "\" (expected: json, combined, logfmt, or a template such as {time} {client} {status})");
        }
        endLiteral();
        return new LogFormat(parts);
    }

    private void literal(char c, int at) {
        if (Character.isISOControl(c) && c != '\t') {
            throw wrong("a control character", at, "one line of text");
        }
        quoted ^= c == '"';
        literal.append(c);
    }

    private int field(int open) {
        int close = template.indexOf('}', open);
        if (close < 0) {
            throw wrong("{ without }", open, "{{ for a brace");
        }
        endLiteral();
        ValueStyle style = quoted ? TextStyle.QUOTED : TextStyle.BARE;
        String name = template.substring(open + 1, close);
        if (name.startsWith(HEADER) && name.length() > HEADER.length()) {
            parts.add(header(name.substring(HEADER.length()), style));
            return close + 1;
        }
        LogField field = LogField.of(name);
        if (field == null) {
            throw wrong(
                    "unknown field {" + name + "}",
                    open,
                    String.join(", ", LogField.names()) + ", or header. and the name of a request header");
        }
        parts.add(field.in(style));
        return close + 1;
    }

    private static FieldWriter header(String name, ValueStyle style) {
        byte[] lower = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
        return (exchange, out, clock) -> {
            RequestHead head = exchange.request();
            LogField.header(head, head == null ? -1 : head.fields().find(lower), out, style);
        };
    }

    private void endLiteral() {
        if (!literal.isEmpty()) {
            parts.add(LogFormat.literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private static IllegalArgumentException wrong(String what, int at, String expected) {
        return new IllegalArgumentException(what + " at position " + (at + 1) + " (expected: " + expected + ")");
    }
}
