package weir.loop;

import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Makes the handlers of event loops so that each loop's {@link Delivery} is known. Thread-safe. */
public final class LoopProgress implements IoHandlerFactory {
    private final IoHandlerFactory handlers;
    private final Map<ThreadAwareExecutor, LoopTurns> loops = new ConcurrentHashMap<>();

    /** Makes them of those. */
    public LoopProgress(IoHandlerFactory handlers) {
        this.handlers = handlers;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor loop) {
        LoopTurns turns = new LoopTurns(handlers.newHandler(loop));
        loops.put(loop, turns);
        return turns;
    }

    @Override
    public boolean isChangingThreadSupported() {
        return handlers.isChangingThreadSupported();
    }

    /** How far that loop has come; to be asked on it. */
    public Delivery of(EventExecutor loop) {
        Delivery turns = loops.get(loop);
        return turns == null ? Delivery.IMMEDIATE : turns;
    }
}
