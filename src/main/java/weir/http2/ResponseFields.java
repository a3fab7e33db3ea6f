package weir.http2;

import weir.http.Fields;
import weir.http.KnownField;
import weir.http.ResponseHead;
import weir.http.WebSocketKey;

/**
 * Writes the header blocks of responses and of trailers straight from the arena of their heads, into the room behind the
 * bytes in use. Confined to one event loop.
 */
final class ResponseFields {
    private static final int STATUS_BYTES = 8;
    private static final int LENGTH_BYTES = 24;
    private static final int CONTENT_LENGTH =
            StaticTable.find(KnownField.CONTENT_LENGTH.bytes(), 0, KnownField.CONTENT_LENGTH.bytes().length);

    private final HpackEncoder encoder = new HpackEncoder();

    /** What a response says of its length. */
    enum Length {
        /** There is no body; a received Content-Length tells of one there could have been (HEAD, 304). */
        AS_RECEIVED,
        UNSAID,
        KNOWN
    }

    /** Writes a block under that status; returns its length in the arena, from {@link Fields#length()} on. */
    int head(ResponseHead head, int status, Length length, long bytes) {
        Fields fields = head.fields();
        int start = begin(fields);
        encoder.status(status);
        fields(fields);
        if (length == Length.KNOWN) {
            encoder.named(CONTENT_LENGTH);
            encoder.number(bytes);
        } else if (length == Length.AS_RECEIVED) {
            receivedLength(head);
        }
        return encoder.end() - start;
    }

    /** Writes the block of trailers; returns its length in the arena; 0 when there is no field. */
    int trailers(Fields trailers) {
        int start = begin(trailers);
        fields(trailers);
        return encoder.end() - start;
    }

    private int begin(Fields fields) {
        int most = fields.length() + HpackEncoder.FIELD_OVERHEAD * fields.count() + STATUS_BYTES + LENGTH_BYTES;
        byte[] out = fields.room(most);
        encoder.begin(out, fields.length());
        return fields.length();
    }

    private void fields(Fields fields) {
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i) && !own(fields, i)) {
                encoder.field(fields, i);
            }
        }
    }

    /** Whether a field is the framing's business, or of a connection of HTTP/1.1 (RFC 9113 section 8.2.2). */
    private static boolean own(Fields fields, int i) {
        KnownField known = fields.knownOfAll(i);
        return known == KnownField.CONTENT_LENGTH || known == KnownField.TE || (known != null && known.ofConnection());
    }

    private void receivedLength(ResponseHead head) {
        Fields fields = head.fields();
        int i = fields.first(KnownField.CONTENT_LENGTH);
        if (i >= 0) {
            encoder.named(CONTENT_LENGTH);
            encoder.string(fields.array(), fields.valueStart(i), fields.valueLength(i));
        } else if (head.contentLength() > 0) {
            encoder.named(CONTENT_LENGTH);
            encoder.number(head.contentLength());
        }
    }

    /** Leaves out what answers the key of a WebSocket over HTTP/1.1, which HTTP/2 does not have (RFC 8441 section 5). */
    static void dropHandshake(ResponseHead head) {
        head.fields().drop(WebSocketKey.ACCEPT);
    }
}
