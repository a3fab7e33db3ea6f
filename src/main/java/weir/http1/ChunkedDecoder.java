package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.MessageError;
import weir.http.TrailerFields;

/**
 * Reads the chunked coding (RFC 9112 section 7.1), strictly: sizes of 1 to 15 hex digits and nothing before them,
 * extensions of {@code ;token[=token|"string"]} without white space, CRLF and no other line end. Extensions are removed.
 * What is not data is bounded: 1 KiB for each chunk's line, and 16 KiB more than twice the data in all, so that nobody
 * sends mostly framing. Confined to one event loop.
 */
final class ChunkedDecoder {
    private static final int MAX_DIGITS = 15;
    private static final int MAX_LINE = 1024;
    private static final int MAX_EXCESS = 16 * 1024;
    private static final int FREE_PER_CHUNK = 24;
    private static final int STEP = 1024;

    private static final int SIZE = 0;
    private static final int EXTENSION_NAME = 1;
    private static final int EXTENSION_VALUE = 2;
    private static final int EXTENSION_TOKEN = 3;
    private static final int QUOTED = 4;
    private static final int QUOTED_PAIR = 5;
    private static final int AFTER_QUOTED = 6;
    private static final int LINE_FEED = 7;
    private static final int DATA = 8;
    private static final int DATA_END = 9;
    private static final int DATA_LINE_FEED = 10;
    private static final int TRAILER_START = 11;
    private static final int TRAILERS = 12;
    private static final int LAST_LINE_FEED = 13;
    private static final int DONE = 14;
    private static final int FAILED = 15;

    private final FieldSection section;
    private @Nullable Fields trailers;
    private @Nullable ByteBuf data;
    private MessageError error = MessageError.CHUNK;
    private int state;
    private long size;
    private int digits;
    private int lineBytes;
    private int tokenBytes;
    private long excess;
    private boolean hasTrailers;

    /** A decoder whose trailers are bounded and treated like a head's fields. */
    ChunkedDecoder(int maxTrailerBytes, int maxTrailers, Underscores underscores) {
        this.section = new FieldSection(maxTrailerBytes, maxTrailers, underscores);
    }

    /** Begins a body. */
    void begin() {
        excess = 0;
        hasTrailers = false;
        error = MessageError.CHUNK;
        beginChunk();
    }

    /** Lets go of the trailers. */
    void forget() {
        trailers = null;
        hasTrailers = false;
        section.forget();
    }

    private void beginChunk() {
        state = SIZE;
        size = 0;
        digits = 0;
        lineBytes = 0;
    }

    /** Reads on until data is at hand, the body is complete or refused, or the input is used up. */
    Progress read(HeldInput input) {
        while (!input.isEmpty()) {
            if (state == DATA) {
                return data(input);
            }
            ByteBuf in = input.peek();
            state = state == TRAILERS ? trailers(in) : framing(in);
            input.consumed();
            if (state >= DONE) {
                return state == DONE ? Progress.DONE : Progress.FAILED;
            }
        }
        return Progress.MORE;
    }

    /** The data at hand; ownership passes. */
    ByteBuf take() {
        ByteBuf taken = data;
        if (taken == null) {
            throw new IllegalStateException("no data");
        }
        data = null;
        return taken;
    }

    /** The trailers of a complete body, or null; valid until {@link #forget}. */
    @Nullable
    Fields trailers() {
        return hasTrailers ? trailers : null;
    }

    /** Why the body is refused. */
    MessageError error() {
        return error;
    }

    private Progress data(HeldInput input) {
        ByteBuf taken = input.take(size);
        size -= taken.readableBytes();
        data = taken;
        if (size == 0) {
            state = DATA_END;
        }
        return Progress.DATA;
    }

    /** Reads framing bytes up to data, trailers or the end. */
    private int framing(ByteBuf in) {
        int at = state;
        while (in.isReadable() && at != DATA && at != TRAILERS && at < DONE) {
            at = framing(at, in.readByte());
            if (at == TRAILERS) {
                in.readerIndex(in.readerIndex() - 1);
            }
        }
        return at;
    }

    private int framing(int at, byte b) {
        return switch (at) {
            case SIZE -> size(b);
            case LINE_FEED -> lineFeed(b);
            case DATA_END -> b == '\r' ? DATA_LINE_FEED : FAILED;
            case DATA_LINE_FEED -> dataLineFeed(b);
            case TRAILER_START -> b == '\r' ? LAST_LINE_FEED : beginTrailers();
            case LAST_LINE_FEED -> b == '\n' ? DONE : FAILED;
            default -> ++lineBytes > MAX_LINE ? FAILED : extension(at, b);
        };
    }

    private int size(byte b) {
        int digit = hex(b);
        if (digit >= 0) {
            size = size << 4 | digit;
            return ++digits > MAX_DIGITS ? FAILED : SIZE;
        }
        return digits == 0 ? FAILED : lineEndOrExtension(b);
    }

    private int lineEndOrExtension(byte b) {
        if (b == ';') {
            tokenBytes = 0;
            return EXTENSION_NAME;
        }
        return b == '\r' ? LINE_FEED : FAILED;
    }

    private int extension(int at, byte b) {
        return switch (at) {
            case EXTENSION_NAME -> {
                if (FieldSyntax.isTokenByte(b)) {
                    tokenBytes++;
                    yield EXTENSION_NAME;
                }
                if (tokenBytes == 0) {
                    yield FAILED;
                }
                yield b == '=' ? EXTENSION_VALUE : lineEndOrExtension(b);
            }
            case EXTENSION_VALUE -> b == '"' ? QUOTED : FieldSyntax.isTokenByte(b) ? EXTENSION_TOKEN : FAILED;
            case EXTENSION_TOKEN -> FieldSyntax.isTokenByte(b) ? EXTENSION_TOKEN : lineEndOrExtension(b);
            case QUOTED ->
                b == '"' ? AFTER_QUOTED : b == '\\' ? QUOTED_PAIR : FieldSyntax.isValueByte(b) ? QUOTED : FAILED;
            case QUOTED_PAIR -> FieldSyntax.isValueByte(b) ? QUOTED : FAILED;
            default -> lineEndOrExtension(b);
        };
    }

    private int lineFeed(byte b) {
        excess += lineBytes + digits + 4 - FREE_PER_CHUNK - 2 * Math.min(size, MAX_EXCESS);
        excess = Math.max(0, excess);
        if (b != '\n' || excess > MAX_EXCESS) {
            return FAILED;
        }
        return size > 0 ? DATA : TRAILER_START;
    }

    private int dataLineFeed(byte b) {
        beginChunk();
        return b == '\n' ? SIZE : FAILED;
    }

    private int beginTrailers() {
        Fields fields = trailers;
        if (fields == null) {
            fields = new Fields();
            trailers = fields;
        }
        fields.clear();
        section.begin(fields, 0);
        return TRAILERS;
    }

    private int trailers(ByteBuf in) {
        Fields fields = trailers == null ? new Fields() : trailers;
        while (in.isReadable()) {
            fields.append(in, Math.min(in.readableBytes(), STEP));
            Progress progress = section.scan();
            if (progress == Progress.DONE) {
                in.readerIndex(in.readerIndex() - (fields.length() - section.position()));
                TrailerFields.dropForbidden(fields);
                hasTrailers = fields.count() > 0;
                return DONE;
            }
            if (progress == Progress.FAILED) {
                MessageError because = section.error();
                error = because.status() == 431 ? because : MessageError.TRAILER;
                return FAILED;
            }
        }
        return TRAILERS;
    }

    private static int hex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
