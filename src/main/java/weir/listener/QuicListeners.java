package weir.listener;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.ListenerConfig;
import weir.http3.Http3Codec;
import weir.tls.QuicTls;
import weir.tls.ServerTls;

/**
 * The UDP sockets of all listeners with {@code http3: true}. They come and go with that key, while the TCP sockets of
 * the same address stay. Changed on the control thread; {@link #alternative} is thread-safe.
 */
final class QuicListeners {
    private static final Logger LOG = LoggerFactory.getLogger(QuicListeners.class);

    private final Listeners listeners;
    private final EventLoops loops;
    private final boolean shared;
    private final DatagramTransport datagrams;
    private final Map<Address, QuicListener> open = new ConcurrentHashMap<>();

    QuicListeners(Listeners listeners, EventLoops loops, Transport transport) {
        this.listeners = listeners;
        this.loops = loops;
        this.shared = transport.reusePort();
        this.datagrams = DatagramTransport.of(transport);
    }

    /**
     * The TLS of a listener's QUIC, beside that of its TCP.
     *
     * @param before what is in force; its contexts stay while their material does
     * @return null without HTTP/3
     * @throws IOException with one line when the library is missing, or refuses a certificate
     */
    static @Nullable QuicTls tls(ListenerConfig config, @Nullable ServerTls tls, @Nullable ListenerSettings before)
            throws IOException {
        if (!config.http3() || tls == null) {
            return null;
        }
        QuicListener.require(config.name());
        return QuicTls.of(tls, Http3Codec.ALPN, before == null ? null : before.quic());
    }

    /**
     * Opens what is new.
     *
     * @param port the port of each address, whose TCP sockets are open
     * @throws IOException with one line when a port cannot be had, or the library is missing; then nothing has changed
     */
    Map<Address, QuicListener> prepare(Collection<ListenerSettings> wanted, ToIntFunction<Address> port)
            throws IOException {
        Map<Address, QuicListener> added = new LinkedHashMap<>();
        try {
            for (ListenerSettings listener : wanted) {
                Address address = listener.config().address();
                QuicListener known = open.get(address);
                if (listener.quic() == null || (known != null && known.revive())) {
                    continue;
                }
                QuicListener made = new QuicListener(listeners, listener, loops, datagrams);
                InetSocketAddress at = new InetSocketAddress(
                        Listener.socketAddress(listener.config()).getAddress(), port.applyAsInt(address));
                made.bind(listener.name(), at, shared, loops, datagrams);
                added.put(address, made);
            }
        } catch (IOException | RuntimeException e) {
            added.values().forEach(QuicListener::close);
            throw e;
        }
        return added;
    }

    /** Takes over what was opened and lets go what the settings have no longer. */
    void commit(Map<Address, QuicListener> added, Listeners.Settings now) {
        open.putAll(added);
        for (Address address : added.keySet()) {
            LOG.info("listener {} speaks HTTP/3", now.name(address));
        }
        settle(now);
    }

    /** Closes what was opened. */
    void rollback(Map<Address, QuicListener> added, Listeners.Settings before) {
        added.values().forEach(QuicListener::close);
        settle(before);
    }

    private void settle(Listeners.Settings now) {
        for (Map.Entry<Address, QuicListener> entry : open.entrySet()) {
            ListenerSettings listener = now.listener(entry.getKey());
            if (listener == null || listener.quic() == null) {
                entry.getValue().stop();
            }
        }
    }

    /** What responses over TCP say of the UDP sockets at that address, as {@code Alt-Svc}; null for nothing. */
    byte @Nullable [] alternative(Address address) {
        QuicListener listener = open.get(address);
        return listener == null ? null : listener.alternative();
    }

    /** Takes no new connections from now on; the sockets close behind the last one. */
    void drain() {
        List<QuicListener> all = new ArrayList<>(open.values());
        open.clear();
        all.forEach(QuicListener::stop);
    }
}
