package weir.listener;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How Weir talks to the kernel: io_uring where it may be used, else epoll, else NIO. Chosen once at start. Immutable.
 *
 * @param name as the log and {@code version} say it
 * @param note why a faster one is not used; empty when the first choice is
 * @param broken connections that were closed because they failed within the transport
 */
public record Transport(
        String name,
        String note,
        IoHandlerFactory handlers,
        ChannelFactory<? extends ServerChannel> servers,
        ChannelFactory<? extends SocketChannel> sockets,
        boolean reusePort,
        LongAdder broken) {
    /**
     * Completions that a ring of io_uring keeps until the loop takes them, 16 bytes each: some for each of thousands of
     * clients that come at once.
     */
    private static final int COMPLETIONS = 16 * 1024;

    /**
     * Netty's switch for one accept operation that takes in whoever comes. It would take in more than there are descriptors
     * for before the loop hears of the first.
     */
    private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

    /**
     * The best transport that works here.
     *
     * @param wanted {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}: where the search begins
     */
    public static Transport choose(String wanted) {
        List<String> notes = new ArrayList<>();
        LongAdder broken = new LongAdder();
        int from = switch (wanted) {
            case "epoll" -> 1;
            case "nio" -> 2;
            case "auto", "io_uring" -> 0;
            default ->
                throw new IllegalArgumentException(
                        "weir.transport: " + wanted + " (expected: auto, io_uring, epoll or nio)");
        };
        if (from == 0) {
            if (System.getProperty(MULTISHOT_ACCEPT) == null) {
                System.setProperty(MULTISHOT_ACCEPT, "false"); // before Netty's class reads it
            }
            Throwable why = ioUringFailure();
            if (why == null) {
                return new Transport(
                        "io_uring",
                        "",
                        ContainedFailures.over(
                                BegunFirst.over(IoUringIoHandler.newFactory(
                                        new IoUringIoHandlerConfig().setCqSize(COMPLETIONS))),
                                broken::increment),
                        IoUringServerSocketChannel::new,
                        IoUringSocketChannel::new,
                        true,
                        broken);
            }
            notes.add("no io_uring (" + reason(why) + ')');
        }
        if (from <= 1) {
            if (Epoll.isAvailable()) {
                return new Transport(
                        "epoll",
                        String.join(", ", notes),
                        EpollIoHandler.newFactory(),
                        EpollServerSocketChannel::new,
                        EpollSocketChannel::new,
                        true,
                        broken);
            }
            notes.add("no epoll (" + reason(Epoll.unavailabilityCause()) + ')');
        }
        return new Transport(
                "nio",
                String.join(", ", notes),
                NioIoHandler.newFactory(),
                NioServerSocketChannel::new,
                NioSocketChannel::new,
                false,
                broken);
    }

    private static @Nullable Throwable ioUringFailure() {
        return IoUring.isAvailable() ? null : IoUring.unavailabilityCause();
    }

    /** The innermost cause in one line: what the kernel or the loader said. */
    private static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "not available";
        }
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
