package weir.listener;

import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import weir.http.ConnectionFacts;
import weir.http.TlsFacts;
import weir.http3.Http3ClientHandler;
import weir.tls.HandshakeFacts;
import weir.tls.ServerNameText;
import weir.tls.ServerTls;

/** Counts the handshake of a QUIC connection and finds out what it agreed on. Confined to one event loop. */
record QuicArrival(
        QuicChannel channel,
        ListenerSettings listener,
        int loop,
        InetSocketAddress peer,
        InetSocketAddress local,
        Runnable over)
        implements Http3ClientHandler.Arrival {
    private static final String VERSION = "TLSv1.3"; // QUIC has no other (RFC 9001 section 4.2)

    @Override
    public ConnectionFacts established(@Nullable String asked) {
        String serverName = asked == null ? null : ServerNameText.normalized(asked);
        over.run();
        listener.handshakes().increment(loop);
        SSLEngine engine = channel.sslEngine();
        ServerTls tls = listener.tls();
        TlsFacts facts = engine == null || tls == null
                ? new TlsFacts(VERSION, serverName)
                : HandshakeFacts.of(engine.getSession(), VERSION, serverName, tls);
        return new ConnectionFacts(peer, local, facts);
    }

    @Override
    public void failed() {
        over.run();
        listener.failedHandshakes().increment(loop);
    }
}
