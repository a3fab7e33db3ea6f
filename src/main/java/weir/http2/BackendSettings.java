package weir.http2;

/**
 * What a backend asks for in its settings (RFC 9113 section 6.5.2). Of its header table nothing is used, whatever its
 * size. Confined to one event loop.
 */
final class BackendSettings {
    private static final int ENABLE_PUSH = 2;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final int LARGEST_FRAME = (1 << 24) - 1;

    /** The most streams that one connection carries, also when a backend would take more. */
    private static final int MOST_STREAMS = 100;

    private static final int NOT_SET = -1;

    private final BackendStreams streams;
    private int mostStreams = MOST_STREAMS;
    private int window = NOT_SET;
    private boolean extendedConnect;
    private int error = Http2Error.PROTOCOL_ERROR;

    BackendSettings(BackendStreams streams) {
        this.streams = streams;
    }

    /** Takes one over; false when its value is forbidden. The value is unsigned. */
    boolean set(int setting, int value) {
        return switch (setting) {
            case ENABLE_PUSH -> value == 0;
            case MAX_CONCURRENT_STREAMS -> {
                mostStreams = value < 0 ? MOST_STREAMS : Math.min(value, MOST_STREAMS);
                yield true;
            }
            case INITIAL_WINDOW_SIZE -> {
                window = value;
                error = value < 0 ? Http2Error.FLOW_CONTROL_ERROR : error;
                yield value >= 0;
            }
            case MAX_FRAME_SIZE -> value >= FrameReader.MOST_PAYLOAD && value <= LARGEST_FRAME;
            case ENABLE_CONNECT_PROTOCOL -> {
                extendedConnect = value == 1;
                yield value == 1 || value == 0;
            }
            default -> true;
        };
    }

    /** Puts the last window of a frame in force, once however often it was set; false when it is too large for a stream. */
    boolean apply() {
        int last = window;
        window = NOT_SET;
        if (last == NOT_SET || last == streams.streamWindow() || streams.streamWindow(last)) {
            return true;
        }
        error = Http2Error.FLOW_CONTROL_ERROR;
        return false;
    }

    /** The code of the refused value. */
    int error() {
        int code = error;
        error = Http2Error.PROTOCOL_ERROR;
        return code;
    }

    /** How many streams may be open at the same time. */
    int mostStreams() {
        return mostStreams;
    }

    /** Whether a WebSocket may be opened (RFC 8441). */
    boolean extendedConnect() {
        return extendedConnect;
    }
}
