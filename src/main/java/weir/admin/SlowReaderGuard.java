package weir.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.util.concurrent.TimeUnit;

/** Closes the connection of a client that does not take what was written to it. Confined to the admin event loop. */
final class SlowReaderGuard extends WriteTimeoutHandler {
    private static final int SECONDS = 30;

    SlowReaderGuard() {
        super(SECONDS, TimeUnit.SECONDS);
    }

    /** Only closes: the exception of the parent class would be logged as a bug. */
    @Override
    protected void writeTimedOut(ChannelHandlerContext context) {
        context.close();
    }
}
