package weir.http;

/**
 * The head of a response, of any protocol version: ranges of the arena that {@link #fields()} owns. Pooled per event
 * loop; a received one is owned by the backend's stream and valid until that stream has ended. Confined to one event
 * loop.
 */
public final class ResponseHead {
    /** The {@link #contentLength()} of a body whose end is not known beforehand. */
    public static final long UNKNOWN_LENGTH = -1;

    private final Fields fields = new Fields();
    private final Span reason = new Span();
    private int status;
    private long contentLength;
    private int receivedBytes;

    /** Forgets the message; keeps the memory. */
    public void clear() {
        fields.clear();
        reason.clear();
        status = 0;
        contentLength = 0;
        receivedBytes = 0;
    }

    /** The fields, and the arena that every range of this head points into. */
    public Fields fields() {
        return fields;
    }

    /** The reason phrase; empty for none (then HTTP/1.1 writes the standard one). */
    public Span reason() {
        return reason;
    }

    /** The status code, 100 to 599. */
    public int status() {
        return status;
    }

    /** Whether this is a 1xx other than 101. */
    public boolean informational() {
        return status < 200 && status != 101;
    }

    /**
     * Bytes of the body that follows, {@link #UNKNOWN_LENGTH} when its end is not known beforehand. 0 where there is no
     * body by rule (HEAD, 1xx, 204, 304), although a Content-Length field may then say otherwise and is passed on.
     */
    public long contentLength() {
        return contentLength;
    }

    /** Bytes of the head as received, for the log. */
    public int receivedBytes() {
        return receivedBytes;
    }

    /** Sets the status. */
    public void status(int status) {
        this.status = status;
    }

    /** Sets the length of the body. */
    public void contentLength(long bytes) {
        this.contentLength = bytes;
    }

    /** Sets the size of the head as received. */
    public void receivedBytes(int bytes) {
        this.receivedBytes = bytes;
    }
}
