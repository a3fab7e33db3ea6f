package weir.accesslog;

/**
 * A name that stands in many log lines and is one of thousands, such as a route's: as text, and as a JSON string at
 * hand, for looking that up costs several cache lines. Immutable.
 */
public final class LogName {
    private final String text;
    private final Literal json;

    /** The name as such. */
    public LogName(String text) {
        this.text = text;
        this.json = JsonTexts.quote(text);
    }

    Literal json() {
        return json;
    }

    @Override
    public String toString() {
        return text;
    }
}
