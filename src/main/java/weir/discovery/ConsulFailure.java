package weir.discovery;

/** A request to Consul that has no usable answer. It says nothing about any instance. */
public final class ConsulFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** A failure with a line for people. */
    public ConsulFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** Kinds of failures; their names are the {@code result} label of the metric. */
    public enum Kind {
        /** No agent takes connections, or one broke off. */
        UNREACHABLE("unreachable"),
        /** The answer did not come, or did not end, in time. */
        TIMEOUT("timeout"),
        /** The token is unknown or may not do this: 401, 403. */
        REFUSED("refused"),
        /** A status that says that Consul cannot answer now: 429, 5xx, such as the lack of a leader. */
        UNAVAILABLE("unavailable"),
        /** Any other status that is no success. */
        REJECTED("rejected"),
        /** An answer that is torn, no JSON, or not of the form it should have. */
        MALFORMED("malformed"),
        /** An answer that is well formed and not to be believed. */
        NOT_BELIEVED("not_believed"),
        /** Given up by Weir itself. */
        ABORTED("aborted");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The word of metrics. */
        public String text() {
            return text;
        }
    }
}
