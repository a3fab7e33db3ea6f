package weir.proxyprotocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ProxyProtocol;
import weir.http.Tick;

final class ProxyHeaderHandlerTest implements ProxyHeaderHandler.Receiver {
    private static final String LINE = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
    private static final long SECOND = 1_000_000_000L;

    private final Tick tick = new Tick();
    private final StringBuilder received = new StringBuilder();
    private final List<ProxyHeaderHandler.Refusal> refusals = new ArrayList<>();
    private @Nullable ProxyHeader header;
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new ProxyHeaderHandler(ProxyProtocol.ANY, tick, SECOND, this));

    @Override
    public void named(Channel of, ProxyHeader read) {
        header = read;
        of.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf data = (ByteBuf) message;
                received.append(data.toString(StandardCharsets.US_ASCII));
                data.release();
            }
        });
    }

    @Override
    public void refused(Channel of, ProxyHeaderHandler.Refusal why) {
        refusals.add(why);
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Test
    void passesOnWhatFollowsAndLeaves() {
        send(LINE + "GET /");
        send(" HTTP/1.1");
        assertEquals(
                56324,
                header == null || header.source() == null ? 0 : header.source().getPort());
        assertEquals("GET / HTTP/1.1", received.toString());
        assertNull(channel.pipeline().get(ProxyHeaderHandler.class));
        assertEquals(0, tick.size());
        assertTrue(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @Test
    void waitsForAHeaderThatComesByteByByte() {
        for (char c : (LINE + "ab").toCharArray()) {
            send(String.valueOf(c));
        }
        assertEquals("ab", received.toString());
        channel.finishAndReleaseAll();
    }

    /** With version 2 goes a TLV; what follows begins like a header of its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE,
                "PROXY UNKNOWN whatever stands here\r\n",
                "\r\n\r\n\0\r\nQUIT\n\041\021\0\017\300\0\002\001\300\0\002\002\334\004\001\273\004\0\0",
                "\r\n\r\n\0\r\nQUIT\n\040\0\0\003abc"
            })
    void doesNotCareWhereItIsCut(String whole) {
        for (int cut = 0; cut <= whole.length(); cut++) {
            ProxyHeaderHandlerTest connection = new ProxyHeaderHandlerTest();
            connection.sendBytes(whole.substring(0, cut));
            assertEquals(cut == whole.length(), connection.header != null, "cut at " + cut);
            connection.sendBytes(whole.substring(cut) + LINE);
            assertEquals(LINE, connection.received.toString(), "cut at " + cut);
            assertEquals(List.of(), connection.refusals);
            assertEquals(0, connection.tick.size());
            connection.channel.finishAndReleaseAll();
        }
    }

    private void sendBytes(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    @Test
    void closesWhatIsNoHeader() {
        send("PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\n");
        assertEquals(List.of(ProxyHeaderHandler.Refusal.MALFORMED), refusals);
        assertFalse(channel.isOpen());
        assertEquals("", received.toString());
        assertEquals(0, tick.size());
        channel.finishAndReleaseAll();
    }

    @Test
    void closesWhenItDoesNotComeInTime() {
        send("PROXY ");
        tick.run(System.nanoTime() + SECOND / 2);
        assertTrue(channel.isOpen());
        tick.run(System.nanoTime() + 2 * SECOND);
        assertFalse(channel.isOpen());
        assertEquals(List.of(ProxyHeaderHandler.Refusal.LATE), refusals);
        channel.finishAndReleaseAll();
    }

    @Test
    void closesWithoutAWordWhenNothingCame() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertFalse(channel.isOpen());
        assertEquals(List.of(), refusals);
        channel.finishAndReleaseAll();
    }

    @Test
    void refusesHalfAHeader() {
        send("PROXY TCP4 ");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertFalse(channel.isOpen());
        assertEquals(List.of(ProxyHeaderHandler.Refusal.MALFORMED), refusals);
        channel.finishAndReleaseAll();
    }
}
