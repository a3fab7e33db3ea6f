package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUring;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TransportTest {
    /** Weir does not set it again: each time is a system call for a connection. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void socketsSendSmallMessagesAtOnce(String name) {
        Transport transport = Transport.choose(name);
        assumeTrue(transport.name().equals(name), "this machine has no " + name);
        SocketChannel socket = transport.sockets().newChannel();
        assertTrue(socket.config().isTcpNoDelay());
        socket.unsafe().closeForcibly();
    }

    @Test
    void onIoUringALoopFinishesWhatIsBegun() {
        assumeTrue(IoUring.isAvailable(), "this kernel forbids io_uring");
        Transport transport = Transport.choose("io_uring");
        List<Object> handlers = new ArrayList<>();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, loop -> {
            var handler = transport.handlers().newHandler(loop);
            handlers.add(handler);
            return handler;
        });
        assertInstanceOf(IoEventLoop.class, group.next());
        group.shutdownGracefully().awaitUninterruptibly();
        assertEquals(1, handlers.size());
        ContainedFailures contained = assertInstanceOf(ContainedFailures.class, handlers.get(0));
        assertInstanceOf(BegunFirst.class, contained.ring());
    }
}
