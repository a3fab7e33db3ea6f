package weir.http2;

import weir.http.FloodGuard.Event;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.Protocol;
import weir.http.RequestFields;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.TrailerFields;

/**
 * Makes requests and trailers of a client's header blocks (RFC 9113 section 8.1). Every block is decoded, also those
 * that nobody wants, since all later ones depend on it. Confined to one event loop.
 */
final class Http2ClientRequests {
    private final Http2ClientConnection connection;
    private final Http2ClientStreams streams;
    private final HeadPool heads;
    private final int mostStreams;
    private final HpackDecoder hpack = new HpackDecoder();
    private final RequestFields fields;

    Http2ClientRequests(Http2ClientConnection connection, Http2Limits limits) {
        this.connection = connection;
        this.streams = connection.streams();
        this.heads = connection.heads();
        this.mostStreams = limits.streams();
        this.fields = new RequestFields(limits.message(), Protocol.HTTP_2);
    }

    /** A whole header block. */
    void headers(int id, byte[] block, int start, int end, boolean endStream, boolean dependsOnItself) {
        Http2ClientStream stream = streams.get(id);
        if (stream != null) {
            trailers(stream, block, start, end, endStream);
        } else if ((id & 1) == 0) {
            connection.fail(Http2Error.PROTOCOL_ERROR);
        } else if (id <= streams.last()) {
            if (discard(block, start, end) && !streams.ignores(id)) {
                connection.fail(streams.wasOpen(id) ? Http2Error.STREAM_CLOSED : Http2Error.PROTOCOL_ERROR);
            }
            connection.count(Event.LATE_HEADERS);
        } else if (connection.life().goneAway()) {
            discard(block, start, end); // the client may ask again elsewhere
            connection.count(Event.LATE_HEADERS);
        } else {
            streams.last(id);
            if (streams.count() >= mostStreams) {
                refuse(id, block, start, end);
                connection.refused();
            } else if (connection.holding().stopped()) {
                refuse(id, block, start, end); // what the client has asked for before is more than its share of memory
            } else {
                request(id, block, start, end, endStream, dependsOnItself);
            }
        }
    }

    private boolean discard(byte[] block, int start, int end) {
        fields.discard();
        if (!hpack.decode(block, start, end, fields)) {
            connection.fail(Http2Error.COMPRESSION_ERROR);
            return false;
        }
        return true;
    }

    private void refuse(int id, byte[] block, int start, int end) {
        if (discard(block, start, end)) {
            connection.writer().reset(id, Http2Error.REFUSED_STREAM);
            streams.refused(id);
            connection.flushSoon();
        }
    }

    private void request(int id, byte[] block, int start, int end, boolean endStream, boolean dependsOnItself) {
        RequestHead head = begun();
        head.receivedBytes(end - start);
        fields.beginHead(head);
        if (!hpack.decode(block, start, end, fields)) {
            fields.discard();
            heads.release(head);
            connection.fail(Http2Error.COMPRESSION_ERROR);
            return;
        }
        MessageError error = fields.endHead(endStream);
        if (dependsOnItself && error == null) {
            error = MessageError.PSEUDO_FIELD;
        }
        connection.life().streamOpened();
        Http2ClientStream stream = streams.open(id);
        if (error == null) {
            connection.count(Event.HEAD);
            stream.accept(id, head, endStream);
        } else {
            stream.refuse(id, head, endStream, error);
        }
    }

    private RequestHead begun() {
        RequestHead head = heads.request();
        head.protocol(Protocol.HTTP_2);
        head.started();
        return head;
    }

    /** A block of a stream that was answered before it was whole. */
    void drop(byte[] block, int start, int end) {
        discard(block, start, end);
    }

    /**
     * Preface, settings, a header block or another frame did not come whole in time: no more streams are taken, and those
     * that are open may end.
     */
    void headLate() {
        int id = connection.frames().blockStream();
        if (id > streams.last() && (id & 1) == 1 && !connection.life().goneAway()) {
            connection.frames().dropBlock();
            streams.last(id);
            RequestHead head = begun();
            streams.open(id).refuse(id, head, true, MessageError.HEADER_TIMEOUT);
            connection.sender().send();
        }
        connection.life().leave();
    }

    private void trailers(Http2ClientStream stream, byte[] block, int start, int end, boolean endStream) {
        if (endStream) {
            stream.decide(false);
        }
        RequestReceiver to = stream.receiver();
        boolean over = stream.body().ended();
        if (over || to == null || !endStream) {
            if (discard(block, start, end)) {
                misplaced(stream, over, endStream);
            }
            return;
        }
        RequestHead trailers = heads.request();
        fields.beginTrailers(trailers.fields());
        boolean valid = hpack.decode(block, start, end, fields);
        MessageError error = fields.endTrailers();
        if (!valid || error != null) {
            heads.release(trailers);
        }
        if (!valid) {
            connection.fail(Http2Error.COMPRESSION_ERROR);
        } else if (error != null) {
            stream.malformed(error.status() == 400 ? MessageError.TRAILER : error);
        } else {
            TrailerFields.dropForbidden(trailers.fields());
            stream.body().trailers(trailers);
        }
    }

    private void misplaced(Http2ClientStream stream, boolean over, boolean endStream) {
        if (over) {
            connection.streamError(stream.id(), Http2Error.STREAM_CLOSED);
        } else if (!endStream) {
            stream.malformed(MessageError.TRAILER);
        } else {
            stream.body().endUnheard();
            stream.inputEnded();
        }
    }
}
