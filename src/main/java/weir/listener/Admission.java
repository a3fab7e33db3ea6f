package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.loop.Descriptors;
import weir.loop.Relief;

/**
 * Decides about newcomers when connections or file descriptors run out: idle connections make way for them, else they
 * wait in the kernel, or are refused. Thread-safe; each socket and connection is dealt with on its event loop.
 */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    /** Newcomers at a time whose request is read to be refused with a 503. */
    private static final int MOST_ANSWERED = 100;

    /** When accepting failed, so much of the reserve is to be had again before the next try. */
    private static final int AT_A_TIME_OF_RESERVE = 4;

    private static final long LOOK_AGAIN_MILLIS = 100;
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ConnectionLimits connections;
    private final Descriptors descriptors = new Descriptors();
    private final Relief relief;
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong saidShort = new AtomicLong(System.nanoTime() - LOG_NANOS);
    private final AtomicLong saidFull = new AtomicLong(System.nanoTime() - LOG_NANOS);

    Admission(ConnectionLimits connections, Relief relief) {
        this.connections = connections;
        this.relief = relief;
    }

    ConnectionLimits connections() {
        return connections;
    }

    Relief relief() {
        return relief;
    }

    /** Sets how many descriptors may be used; 0 for as many as the process may have. */
    void limitDescriptors(int most) {
        descriptors.limit(most);
    }

    // Descriptors

    /**
     * A connection was accepted. When it uses a descriptor of the reserve, no more are accepted there before so much that
     * was idle has made way that the reserve is whole; whoever comes meanwhile waits in the kernel's queue. Called on the
     * socket's loop.
     */
    void accepted(Channel client, Channel socket) {
        int lacking = descriptors.lacking(client);
        if (lacking > 0) {
            if (due(saidShort)) {
                LOG.warn(
                        "all but {} of {} file descriptors are in use: idle connections are closed, newcomers wait",
                        descriptors.reserve(),
                        descriptors.limit());
            }
            pause(socket, lacking);
        }
    }

    /** Accepting failed: the socket rests until something idle has made way, or at least for a while. */
    void failed(Channel socket, Throwable cause) {
        if (due(saidShort)) {
            LOG.warn("accepting failed, will try again: {}", cause.toString());
        }
        pause(socket, 1 + descriptors.reserve() / AT_A_TIME_OF_RESERVE);
    }

    private void pause(Channel socket, int lacking) {
        if (socket.config().isAutoRead()) {
            socket.config().setAutoRead(false);
            makeRoom(socket, lacking, connections.open());
        }
    }

    private void makeRoom(Channel socket, int lacking, int open) {
        relief.descriptors(socket.eventLoop(), closed -> {
            if (closed && lacking > 1) {
                makeRoom(socket, lacking - 1, open);
            } else if (closed || !socket.isOpen() || connections.open() < open) {
                socket.config().setAutoRead(true);
            } else {
                socket.eventLoop()
                        .schedule(() -> makeRoom(socket, lacking, open), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    // Connections

    /** Whether one more newcomer may be answered before it is closed; if so, {@link #answeredOne} follows. */
    boolean answersRefusal(int limit) {
        if (due(saidFull)) {
            LOG.warn("{} client connections are open, none of them idle: newcomers are refused", limit);
        }
        if (answered.incrementAndGet() <= MOST_ANSWERED) {
            return true;
        }
        answered.decrementAndGet();
        return false;
    }

    void answeredOne() {
        answered.decrementAndGet();
    }

    /** Closes an idle client of that loop; false when there is none. */
    boolean evictsClient(EventLoop loop) {
        return relief.client(loop);
    }

    /** Closes a connection by a reset. */
    static void reset(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    private static boolean due(AtomicLong said) {
        long now = System.nanoTime();
        long last = said.get();
        return now - last >= LOG_NANOS && said.compareAndSet(last, now);
    }
}
