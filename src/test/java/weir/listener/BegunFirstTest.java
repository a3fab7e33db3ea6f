package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import weir.testing.ExpectsBug;

final class BegunFirstTest {
    private static final byte SEND = 26;
    private static final byte RECV = 27;
    private static final byte POLL_ADD = 6;
    private static final byte ACCEPT = 13;
    private static final byte ASYNC_CANCEL = 14;
    private static final byte CONNECT = 16;
    private static final int EMFILE = -24;
    private static final int POLLIN = 1;
    private static final int POLLRDHUP = 0x2000;
    private static final int MORE = 2;

    private final Ring ring = new Ring();
    private long now;
    private final IoHandler handler =
            BegunFirst.over((IoHandlerFactory) loop -> ring, () -> now).newHandler(new CallingThread());
    private final List<String> seen = new ArrayList<>();

    @Test
    void looksAtWhatBackendsSayBeforeNewRequests() throws Exception {
        Side client = new Side("client");
        Side backend = new Side("backend");
        turn(() -> backend.report(CONNECT, 0, 0));
        seen.clear();

        turn(() -> {
            client.readable();
            backend.readable();
            backend.report(RECV, 10, 0);
        });

        assertEquals(List.of("backend poll", "backend recv", "client poll"), seen);
    }

    @Test
    void letsAFewClientsInAtATurnAsTheyCame() throws Exception {
        List<Side> clients = new ArrayList<>();
        for (int i = 0; i < 2 * BegunFirst.BATCH + 1; i++) {
            clients.add(new Side("c" + i));
        }

        assertTrue(turn(() -> clients.forEach(Side::readable)));
        assertEquals(BegunFirst.BATCH, seen.size());
        assertFalse(turn(() -> {}), "waits while clients do");
        assertFalse(turn(() -> {}));
        assertTrue(turn(() -> {}));

        assertEquals(
                IntStream.range(0, clients.size())
                        .mapToObj(i -> "c" + i + " poll")
                        .toList(),
                seen);
    }

    @Test
    void keepsTheOrderOfOneConnection() throws Exception {
        Side client = new Side("client");

        turn(() -> {
            client.readable();
            client.report(SEND, 10, 0);
            client.readable();
            client.report(POLL_ADD, POLLRDHUP, 0);
        });

        assertEquals(List.of("client poll", "client send", "client poll", "client hang-up"), seen);
    }

    @Test
    void passesNewsOnOnce() throws Exception {
        Side client = new Side("client");

        turn(() -> {
            client.readable();
            client.readable();
            assertEquals(List.of(), seen);
        });
        turn(() -> {});

        assertEquals(List.of("client poll"), seen);
    }

    @Test
    void doesNotHoldBackTheEndOfAPoll() throws Exception {
        Side client = new Side("client");

        turn(() -> {
            client.report(POLL_ADD, POLLIN, 0);
            assertEquals(List.of("client poll"), seen);
        });
    }

    @Test
    void forgetsWhoIsGone() throws Exception {
        Side client = new Side("client");

        turn(() -> {
            client.readable();
            client.handle.unregistered();
        });

        assertEquals(List.of("client gone"), seen);
    }

    @Test
    void aSocketRestsThatHasNoDescriptorForAClient() throws Exception {
        Side server = new Side("server");

        turn(() -> server.report(ACCEPT, EMFILE, 0));
        now = BegunFirst.REST_NANOS - 1;
        turn(() -> {});
        assertEquals(List.of(), seen);

        now = BegunFirst.REST_NANOS;
        turn(() -> {});
        turn(() -> {});
        assertEquals(List.of("server accept"), seen);
    }

    @Test
    void aSocketThatIsBeingClosedRestsNoLonger() throws Exception {
        Side server = new Side("server");

        turn(() -> {
            server.report(ACCEPT, EMFILE, 0);
            server.report(ASYNC_CANCEL, 0, 0);
        });
        assertEquals(List.of("server accept", "server cancel"), seen);

        now = BegunFirst.REST_NANOS;
        turn(() -> {});
        assertEquals(2, seen.size());
    }

    @Test
    @ExpectsBug
    void goesOnBehindABug() throws Exception {
        Side broken = new Side("broken");
        Side client = new Side("client");
        broken.bug = new IllegalStateException("as the test wants");

        turn(() -> {
            broken.readable();
            client.readable();
        });

        assertEquals(List.of("client poll"), seen);
    }

    @Test
    @ExpectsBug
    void aBugTakesNoOtherEventAlong() throws Exception {
        Side client = new Side("client");
        client.bug = new IllegalStateException("as the test wants");

        turn(() -> {
            client.readable();
            client.report(SEND, 10, 0);
        });

        assertEquals(List.of("client send"), seen);
    }

    @Test
    void letsAllInBeforeTheEnd() throws Exception {
        List<Side> clients = new ArrayList<>();
        for (int i = 0; i < 3 * BegunFirst.BATCH; i++) {
            clients.add(new Side("c" + i));
        }
        turn(() -> clients.forEach(Side::readable));

        handler.prepareToDestroy();

        assertEquals(clients.size(), seen.size());
    }

    /** Whether the ring was allowed to wait. */
    private boolean turn(Runnable reports) {
        ring.reports = reports;
        handler.run(new Idle());
        return ring.couldBlock;
    }

    private final class Side implements IoUringIoHandle, IoRegistration {
        private final String name;
        private final IoHandle handle;
        private RuntimeException bug;

        Side(String name) throws Exception {
            this.name = name;
            ring.registration = this;
            assertEquals(this, handler.register(this));
            handle = ring.registered;
        }

        void readable() {
            report(POLL_ADD, POLLIN, MORE);
        }

        void report(byte operation, int result, int flags) {
            handle.handle(this, new IoUringIoEvent(result, flags, operation, 7L));
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            assertEquals(this, registration);
            RuntimeException thrown = bug;
            if (thrown != null) {
                bug = null;
                throw thrown;
            }
            IoUringIoEvent completion = (IoUringIoEvent) event;
            seen.add(name
                    + switch (completion.opcode()) {
                        case SEND -> " send";
                        case RECV -> " recv";
                        case CONNECT -> " connect";
                        case ACCEPT -> " accept";
                        case ASYNC_CANCEL -> " cancel";
                        default -> completion.res() == POLLIN ? " poll" : " hang-up";
                    });
        }

        @Override
        public void unregistered() {
            seen.add(name + " gone");
        }

        @Override
        public void close() {}

        @Override
        public <T> T attachment() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long submit(IoOps operation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public boolean cancel() {
            return true;
        }
    }

    /** In place of io_uring: reports what the test has it report. */
    private static final class Ring implements IoHandler {
        private Runnable reports = () -> {};
        private IoRegistration registration;
        private IoHandle registered;
        private boolean couldBlock;

        @Override
        public int run(IoHandlerContext context) {
            couldBlock = context.canBlock();
            reports.run();
            return 0;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            registered = handle;
            return registration;
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return true;
        }
    }

    private static final class Idle implements IoHandlerContext {
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

    private static final class CallingThread implements ThreadAwareExecutor {
        @Override
        public boolean isExecutorThread(Thread thread) {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            ImmediateEventExecutor.INSTANCE.execute(task);
        }
    }
}
