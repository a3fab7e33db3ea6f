package weir.listener;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import weir.config.Address;
import weir.config.FailureText;
import weir.config.LimitsConfig;
import weir.http3.Http3ClientHandler;
import weir.http3.Http3Codec;
import weir.http3.Http3Limits;
import weir.listener.ConnectionLimits.Entry;
import weir.proxy.Loop;
import weir.proxy.Proxy;
import weir.tls.QuicTls;

/**
 * The UDP sockets of a listener that also speaks HTTP/3, one for each event loop where the transport shares ports. They
 * cannot be closed while connections are open on them, all of which they carry: told to {@linkplain #stop stop}, a
 * listener takes no new ones, tells the others to go away, and closes behind the last. Opened and stopped on the control
 * thread; connections come in on the event loops.
 */
final class QuicListener implements Http3Codec.Connections {
    private static final int CONNECTION_REFUSED = 2;
    private static final long LAST_WORDS_MILLIS = 100;

    private final Listeners listeners;
    private final Address address;
    private final Http3Codec codec;
    private final List<Channel> sockets = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private byte[] alternative = {};
    private volatile boolean accepting = true;
    private boolean closed;

    QuicListener(Listeners listeners, ListenerSettings listener, EventLoops loops, DatagramTransport datagrams) {
        this.listeners = listeners;
        this.address = listener.config().address();
        this.codec = new Http3Codec(loops.count(), this::limits, this::engine, this, datagrams.segments());
    }

    /**
     * Says in one line why this process cannot speak QUIC, if it cannot.
     *
     * @throws IOException that names the listener
     */
    static void require(String listener) throws IOException {
        if (!Quic.isAvailable()) {
            Throwable cause = Quic.unavailabilityCause();
            while (cause != null && cause.getCause() != null) {
                cause = cause.getCause();
            }
            String message = cause == null ? "" : String.valueOf(cause.getMessage());
            throw new IOException("listener " + listener + ": http3: the QUIC library cannot be loaded here: "
                    + message.lines().findFirst().orElse(""));
        }
    }

    /**
     * Binds to the port that the TCP sockets have.
     *
     * @throws IOException with one clear line when it cannot be had
     */
    void bind(String name, InetSocketAddress at, boolean shared, EventLoops loops, DatagramTransport datagrams)
            throws IOException {
        try {
            if (shared) {
                // As with TCP: a second process would join the group in silence.
                bind(datagrams, loops, 0, at, new ChannelInboundHandlerAdapter(), false)
                        .close()
                        .syncUninterruptibly();
            }
            int sharing = shared ? loops.count() : 1;
            for (int i = 0; i < sharing; i++) {
                sockets.add(bind(datagrams, loops, i, at, codec.socket(i), shared));
            }
        } catch (IOException | IllegalArgumentException | ChannelException e) {
            close();
            throw new IOException(
                    "listener " + name + ": cannot listen on UDP port " + at.getPort() + ": " + FailureText.of(e), e);
        }
        alternative = ("h3=\":" + at.getPort() + "\"; ma=86400").getBytes(StandardCharsets.US_ASCII);
    }

    private static Channel bind(
            DatagramTransport datagrams,
            EventLoops loops,
            int loop,
            InetSocketAddress at,
            ChannelHandler handler,
            boolean shared)
            throws IOException {
        Bootstrap bootstrap = datagrams.bootstrap().group(loops.group(loop)).handler(handler);
        if (shared) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        ChannelFuture bound = bootstrap.bind(at).awaitUninterruptibly();
        if (bound.isSuccess()) {
            return bound.channel();
        }
        Throwable cause = bound.cause();
        throw cause instanceof IOException e ? e : new IOException(cause);
    }

    /** What responses over TCP say of this, as {@code Alt-Svc} (RFC 7838); not to be changed. */
    byte[] alternative() {
        return alternative;
    }

    // Of new connections, on their event loops

    private Http3Limits limits() {
        Listeners.Settings settings = listeners.settings();
        return Http3Limits.of(settings.limits(), settings.multiplexing(address));
    }

    private QuicSslEngine engine(QuicChannel channel) {
        ListenerSettings listener = listeners.settings().listener(address);
        QuicTls tls = listener == null ? null : listener.quic();
        if (tls == null) {
            throw new IllegalStateException("the listener is gone"); // the packet is dropped
        }
        return tls.engine(channel.alloc());
    }

    @Override
    public @Nullable Http3ClientHandler accept(QuicChannel channel, Runnable established) {
        Listeners.Settings settings = listeners.settings();
        ListenerSettings listener = settings.listener(address);
        LimitsConfig limits = settings.limits();
        int perAddress = limits.connectionsPerAddress();
        if (listener == null
                || !accepting
                || listeners.draining()
                || !(channel.remoteSocketAddress() instanceof InetSocketAddress peer)
                || !(channel.localSocketAddress() instanceof InetSocketAddress local)) {
            refuse(channel);
            return null;
        }
        InetAddress from = peer.getAddress();
        if (listeners.loopOf(channel.eventLoop()).heads().budget().refuses()) {
            listeners.refused();
            refuse(channel);
            return null;
        }
        Entry entry = listeners.connections().enter(from, limits.connections(), perAddress);
        if (entry == Entry.FULL && listeners.admission().evictsClient(channel.eventLoop())) {
            entry = listeners.connections().enter(from, 0, perAddress);
        }
        boolean refuses = entry == Entry.FULL && listeners.admission().answersRefusal(limits.connections());
        if (entry != Entry.COUNTED) {
            listeners.refused();
        }
        if (entry != Entry.COUNTED && !refuses) {
            refuse(channel);
            return null;
        }
        open.incrementAndGet();
        channel.closeFuture().addListener(done -> {
            if (refuses) {
                listeners.admission().answeredOne();
            } else {
                listeners.connections().leave(from, perAddress);
            }
            open.decrementAndGet();
            closeIfOver();
        });
        listeners.guard().install(channel);
        Loop loop = listeners.loopOf(channel.eventLoop());
        Proxy http = listeners.destinations().http();
        listener.accepted().increment(loop.index());
        return new Http3ClientHandler(
                refuses ? http.refusing(listener.name(), loop) : http.handler(listener.name(), loop),
                loop.heads(),
                loop.tick().clients(),
                Http3Limits.of(limits, listener.config().http2()),
                () -> refuses || !accepting || listeners.draining(),
                new QuicArrival(channel, listener, loop.index(), peer, local, established));
    }

    /** From a task: the client is told only if its first packet was read. */
    private static void refuse(QuicChannel channel) {
        channel.eventLoop().execute(() -> channel.close(false, CONNECTION_REFUSED, Unpooled.EMPTY_BUFFER));
    }

    // The end

    /** Takes no new connections, and closes when the last is gone. */
    void stop() {
        accepting = false;
        closeIfOver();
    }

    /** Takes connections again; false when it has closed already, and its port is free. */
    boolean revive() {
        synchronized (this) {
            if (!closed) {
                accepting = true;
                return true;
            }
        }
        sockets.forEach(socket -> socket.closeFuture().awaitUninterruptibly(1000));
        return false;
    }

    /** Not at once: what the last connection said when it closed has still to go out. */
    private synchronized void closeIfOver() {
        if (!accepting && open.get() == 0 && !closed && !sockets.isEmpty()) {
            try {
                sockets.get(0).eventLoop().schedule(this::closeIfStillOver, LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException ending) {
                close();
            }
        }
    }

    private synchronized void closeIfStillOver() {
        if (!accepting && open.get() == 0) {
            close();
        }
    }

    /** Closes the sockets, and with them every connection. */
    synchronized void close() {
        closed = true;
        sockets.forEach(Channel::close);
    }
}
