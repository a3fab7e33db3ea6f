package weir.loop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import org.junit.jupiter.api.Test;

final class LoopTurnsTest {
    private final Io io = new Io();
    private final LoopTurns turns = new LoopTurns(io);
    private final IoHandlerContext context = new Context();

    private boolean deliveredAfterTurn(int handled) {
        io.handles = handled;
        turns.run(context);
        return turns.delivered();
    }

    @Test
    void aTurnThatFindsNothingToDoHasDeliveredAll() {
        assertTrue(turns.delivered(), "before there is a mark");
        turns.mark();
        assertFalse(turns.delivered());
        assertTrue(deliveredAfterTurn(0));
    }

    @Test
    void aBusyLoopReadsInTheNextTurnWhatWasReportedInThisOne() {
        turns.mark();
        assertFalse(deliveredAfterTurn(5));
        assertFalse(deliveredAfterTurn(5));
        assertTrue(deliveredAfterTurn(5));
    }

    @Test
    void waitsForThoseInTheQueueButNotForThoseThatCameLater() {
        io.queued = 100;
        turns.mark();
        assertFalse(deliveredAfterTurn(5));
        io.queued = 200;
        io.passed = 99;
        assertFalse(deliveredAfterTurn(0), "the queue is not empty");
        assertFalse(deliveredAfterTurn(5));
        assertFalse(deliveredAfterTurn(5));
        io.passed = 100;
        assertFalse(deliveredAfterTurn(5));
        assertFalse(deliveredAfterTurn(5));
        assertTrue(deliveredAfterTurn(5));
    }

    private static final class Io implements IoHandler, LoopTurns.Backlog {
        private int handles;
        private long queued;
        private long passed;

        @Override
        public int run(IoHandlerContext context) {
            return handles;
        }

        @Override
        public long queued() {
            return queued;
        }

        @Override
        public long passed() {
            return passed;
        }

        @Override
        public void prepareToDestroy() {}

        @Override
        public void destroy() {}

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return false;
        }
    }

    private static final class Context implements IoHandlerContext {
        @Override
        public boolean canBlock() {
            return true;
        }

        @Override
        public long delayNanos(long now) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    }
}
