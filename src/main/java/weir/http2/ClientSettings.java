package weir.http2;

/**
 * Settings of a client (RFC 9113 section 6.5.2): checks each one and applies those of a frame together. Confined to one event
 * loop.
 */
final class ClientSettings {
    private static final int HEADER_TABLE_SIZE = 1;
    private static final int ENABLE_PUSH = 2;
    static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final int LARGEST_FRAME = (1 << 24) - 1;

    private final FrameWriter writer;
    private final Http2Sender sender;
    private final Http2ClientStreams streams;
    private long streamWindow = Http2Sender.FIRST_WINDOW;

    ClientSettings(FrameWriter writer, Http2Sender sender, Http2ClientStreams streams) {
        this.writer = writer;
        this.sender = sender;
        this.streams = streams;
    }

    /** Checks one setting of a frame; {@link #apply} puts it in force. Returns the connection error, or NO_ERROR. */
    int set(int id, long value) {
        return switch (id) {
            case HEADER_TABLE_SIZE -> {
                if (value < HpackDecoder.TABLE_SIZE) {
                    writer.tableChanged();
                }
                yield Http2Error.NO_ERROR;
            }
            case ENABLE_PUSH, ENABLE_CONNECT_PROTOCOL -> value > 1 ? Http2Error.PROTOCOL_ERROR : Http2Error.NO_ERROR;
            case INITIAL_WINDOW_SIZE -> {
                streamWindow = value;
                yield value > Integer.MAX_VALUE ? Http2Error.FLOW_CONTROL_ERROR : Http2Error.NO_ERROR;
            }
            case MAX_FRAME_SIZE ->
                value < FrameReader.MOST_PAYLOAD || value > LARGEST_FRAME
                        ? Http2Error.PROTOCOL_ERROR
                        : Http2Error.NO_ERROR;
            default -> Http2Error.NO_ERROR;
        };
    }

    /** Applies the frame's last INITIAL_WINDOW_SIZE to all streams, once. Returns the connection error, or NO_ERROR. */
    int apply() {
        long more = streamWindow - sender.streamWindow();
        if (more == 0) {
            return Http2Error.NO_ERROR;
        }
        sender.streamWindow((int) streamWindow);
        for (int i = 0; i < streams.count(); i++) {
            if (!streams.at(i).response().extend(more)) {
                return Http2Error.FLOW_CONTROL_ERROR;
            }
        }
        return Http2Error.NO_ERROR;
    }
}
