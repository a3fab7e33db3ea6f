package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * What goes to a channel. Heads, chunk framing and small pieces of a body are gathered in one buffer, so that a small
 * message is one write; larger pieces pass as they are. Confined to one event loop.
 */
final class Output {
    private static final int CAPACITY = 2048;
    private static final int MERGED = 1024;

    private final ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;
    private boolean unflushed;

    Output(ChannelHandlerContext context) {
        this.context = context;
    }

    /** A buffer to append so many bytes to, at once. */
    ByteBuf room(int bytes) {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.writableBytes() >= bytes) {
            return buffer;
        }
        push();
        buffer = context.alloc().ioBuffer(Math.max(CAPACITY, bytes));
        gathered = buffer;
        return buffer;
    }

    /** Writes a buffer, which it takes over. */
    void write(ByteBuf data) {
        int bytes = data.readableBytes();
        ByteBuf buffer = gathered;
        if (buffer != null && bytes <= MERGED && buffer.writableBytes() >= bytes) {
            buffer.writeBytes(data);
            data.release();
            return;
        }
        push();
        unflushed = true;
        context.write(data, context.voidPromise());
    }

    /** Sends what was written, if anything. What was gathered is written and flushed in one call of the pipeline. */
    void flush() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            unflushed = false;
            context.writeAndFlush(buffer, context.voidPromise());
        } else if (unflushed) {
            unflushed = false;
            context.flush();
        }
    }

    /** Forgets what was not handed to the channel yet. */
    void discard() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            buffer.release();
        }
    }

    private void push() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            unflushed = true;
            context.write(buffer, context.voidPromise());
        }
    }
}
