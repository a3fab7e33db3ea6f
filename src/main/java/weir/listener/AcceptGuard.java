package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How new connections are kept away from listening sockets that are about to close. The kernel resets what waits in the
 * queue of a socket that closes, so the queue must stay empty between the last accept and the close.
 */
enum AcceptGuard {
    /** Drops the first packet of a handshake; clients repeat it after a second. Needs CAP_NET_ADMIN since Linux 6.18. */
    FILTER("a socket filter drops new handshakes") {
        @Override
        boolean takes(Channel socket) {
            return SynFilter.attach(socket);
        }
    },

    /**
     * Binds the socket to an interface that does not exist, so that no packet for a new connection finds it and the
     * kernel answers as if nobody listened. Handshakes under way are found by their own entry and go on. Allowed to every
     * user since Linux 5.7 ({@code sock_bindtoindex} in {@code net/core/sock.c}).
     */
    INTERFACE("bound to no interface, so that new connections are refused") {
        @Override
        boolean takes(Channel socket) {
            return socket.config().setOption(SO_BINDTOIFINDEX, NO_INTERFACE);
        }
    },

    /** Nothing is to be had, as with NIO: what arrives between the last accept and the close is reset. */
    NONE("no guard: connections of the last moment may be reset") {
        @Override
        boolean takes(Channel socket) {
            return true;
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(AcceptGuard.class);

    private static final int SOL_SOCKET = 1;
    private static final int NO_INTERFACE = Integer.MAX_VALUE;
    private static final IntegerUnixChannelOption SO_BINDTOIFINDEX =
            new IntegerUnixChannelOption("SO_BINDTOIFINDEX", SOL_SOCKET, 62);

    private final String says;

    AcceptGuard(String says) {
        this.says = says;
    }

    /** Puts the first guard that the kernel allows on all of these sockets; any thread. */
    static AcceptGuard on(Collection<Channel> sockets) {
        for (AcceptGuard guard : values()) {
            if (sockets.stream().allMatch(guard::guards)) {
                return guard;
            }
        }
        return NONE;
    }

    /** Puts this guard on a socket; false when it cannot be had. */
    boolean guards(Channel socket) {
        if (this != NONE && !(socket instanceof UnixChannel)) {
            return false;
        }
        try {
            return takes(socket);
        } catch (ChannelException e) {
            LOG.debug("{} not available for {}", this, socket, e);
            return false;
        }
    }

    /** @throws ChannelException when the kernel refuses */
    abstract boolean takes(Channel socket);

    /** Describes the guard for a log line. */
    String says() {
        return says;
    }
}
