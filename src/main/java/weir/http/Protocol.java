package weir.http;

/** The protocol versions, as the access log names them. Immutable. */
public enum Protocol {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2.0"),
    HTTP_3("HTTP/3.0");

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    /** The name and version with a slash. */
    public String text() {
        return text;
    }
}
