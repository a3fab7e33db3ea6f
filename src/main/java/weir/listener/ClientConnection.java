package weir.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.net.InetSocketAddress;
import weir.config.ListenerConfig;
import weir.connection.ResetWatch;
import weir.connection.ResetWatchHandler;
import weir.http.ConnectionFacts;
import weir.http.RequestHandler;
import weir.http1.Http1ClientHandler;
import weir.http2.Http2ClientHandler;
import weir.http2.Http2ClientTerms;
import weir.http2.Http2Limits;
import weir.http2.PrefaceDetector;
import weir.loop.ConnectionGuard;
import weir.proxy.Loop;

/**
 * An accepted connection on the way to its protocol: {@link #begin} once its addresses are known, then TLS if the
 * listener has it, then {@link #speak}. Confined to one event loop.
 */
final class ClientConnection {
    private final Listeners listeners;
    private final Listeners.Settings settings;
    private final ListenerSettings listener;
    private final Loop loop;
    private final Channel channel;
    private boolean refuses;

    ClientConnection(Listeners listeners, Listeners.Settings settings, ListenerSettings listener, Channel channel) {
        this.listeners = listeners;
        this.settings = settings;
        this.listener = listener;
        this.loop = listeners.loopOf(channel.eventLoop());
        this.channel = channel;
    }

    /** There are too many connections: its requests are refused, and it is closed. */
    void refuses() {
        refuses = true;
    }

    private boolean ends() {
        return refuses || listeners.draining();
    }

    private RequestHandler requests() {
        if (refuses) {
            return listeners.destinations().http().refusing(listener.name(), loop);
        }
        byte[] alternative = listener.quic() == null
                ? null
                : listeners.quic().alternative(listener.config().address());
        return listeners.destinations().http().handler(listener.name(), loop, alternative);
    }

    /** Who is at both ends is known: TLS is next, or in the clear the protocol. */
    void begin(InetSocketAddress peer, InetSocketAddress local) {
        if (listener.tls() != null || listener.config().protocol() == ListenerConfig.Protocol.TCP) {
            ResetWatchHandler.install(channel, loop.tick()); // ahead of TLS, whose handshake is bytes as well
        }
        if (listener.tls() == null) {
            speak(new ConnectionFacts(peer, local, null), "");
        } else {
            TlsArrival.install(this, listener.tls(), peer, local);
        }
    }

    /**
     * Installs what the client speaks.
     *
     * @param alpn what it agreed on by ALPN; empty for nothing
     */
    void speak(ConnectionFacts facts, String alpn) {
        if (listener.config().protocol() == ListenerConfig.Protocol.TCP) {
            long patience = settings.limits().headerTimeout().toNanos();
            listeners.destinations().tcp().begin(channel, facts, listener.config(), loop, patience);
            return;
        }
        RequestHandler requests = requests();
        ChannelPipeline pipeline = channel.pipeline();
        if (alpn.equals(ApplicationProtocolNames.HTTP_2)) {
            ConnectionGuard.add(channel, http2(requests, facts));
            return;
        }
        boolean clear = facts.tls() == null;
        ChannelHandler http1 = new Http1ClientHandler(
                requests,
                loop.heads(),
                loop.tick().clients(),
                settings.http1(),
                this::ends,
                facts,
                clear ? ResetWatch.of(channel, loop.tick()) : null,
                clear ? first -> isHttp2(pipeline, first, requests, facts) : null);
        ConnectionGuard.add(channel, http1);
    }

    private boolean isHttp2(ChannelPipeline pipeline, ByteBuf first, RequestHandler requests, ConnectionFacts facts) {
        ChannelHandler http1 = pipeline.get(Http1ClientHandler.class);
        return PrefaceDetector.takes(pipeline, http1, first, () -> fromHttp1(requests, facts));
    }

    private ChannelHandler fromHttp1(RequestHandler requests, ConnectionFacts facts) {
        ResetWatchHandler.install(channel, loop.tick());
        return http2(requests, facts);
    }

    private ChannelHandler http2(RequestHandler requests, ConnectionFacts facts) {
        Http2Limits limits = Http2Limits.of(settings.limits(), listener.config().http2());
        return new Http2ClientHandler(
                requests, new Http2ClientTerms(loop.heads(), loop.tick().clients(), limits, this::ends), facts);
    }

    Listeners listeners() {
        return listeners;
    }

    Listeners.Settings settings() {
        return settings;
    }

    Channel channel() {
        return channel;
    }

    Loop loop() {
        return loop;
    }

    ListenerSettings listener() {
        return listener;
    }

    /** Nanoseconds a client may take for its TLS handshake; 0 for any. */
    long patienceNanos() {
        return settings.limits().headerTimeout().toNanos();
    }
}
