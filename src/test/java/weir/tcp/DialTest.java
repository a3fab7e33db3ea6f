package weir.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalIoHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig.Protocol;
import weir.config.ServiceConfig.Tls;
import weir.config.ServiceConfig.Wire;
import weir.http.ConnectionFacts;

final class DialTest implements Dial.Waiting {
    private static final InetSocketAddress SOMEBODY = new InetSocketAddress("127.0.0.1", 4711);

    private final List<String> told = new ArrayList<>();

    @Override
    public void connected(Channel channel) {
        told.add("connected");
    }

    @Override
    public void failed(Throwable cause) {
        told.add(cause.getMessage());
    }

    private Dial dial(Wire wire) {
        return new Dial(this, new ChannelInboundHandlerAdapter(), new ConnectionFacts(SOMEBODY, SOMEBODY, null), wire);
    }

    private static Wire secure() {
        return new Wire(Protocol.TLS, Tls.DEFAULT, ProxyProtocol.OFF);
    }

    @Test
    void isToldWhenNoChannelCouldBeHad() {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            ChannelFuture made = new Bootstrap()
                    .group(group)
                    .channelFactory(() -> {
                        throw new IllegalStateException("no more files");
                    })
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(SOMEBODY);
            Dial dial = dial(Wire.DEFAULT);
            dial.started(made);
            dial.operationComplete(made);
            assertEquals(1, told.size());
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void waitsForTlsAndIsToldOnce() {
        EmbeddedChannel channel = new EmbeddedChannel();
        Dial dial = dial(secure());
        dial.started(channel.newSucceededFuture());
        dial.operationComplete(channel.newSucceededFuture());
        assertEquals(List.of(), told);
        dial.done();
        dial.late();
        channel.close();
        assertEquals(List.of("connected"), told);
    }

    @Test
    void closesWhatComesTooLate() {
        EmbeddedChannel channel = new EmbeddedChannel();
        Dial dial = dial(secure());
        dial.started(channel.newSucceededFuture());
        dial.operationComplete(channel.newSucceededFuture());
        dial.late();
        dial.done();
        dial.failed(new ConnectTimeoutException("twice"));
        assertEquals(List.of("no handshake in time"), told);
        assertTrue(!channel.isOpen());
    }

    @Test
    void tellsNobodyWhenItIsGivenUp() {
        EmbeddedChannel channel = new EmbeddedChannel();
        Dial dial = dial(secure());
        dial.started(channel.newSucceededFuture());
        dial.operationComplete(channel.newSucceededFuture());
        dial.abandon();
        assertEquals(List.of(), told);
        assertTrue(!channel.isOpen());
    }
}
