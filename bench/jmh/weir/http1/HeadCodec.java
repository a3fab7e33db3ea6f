package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import weir.config.LimitsConfig;
import weir.http.MessageLimits;
import weir.http.RequestHead;

/** Parser and writer of request heads as benches use them: one head over and over. Confined to one thread. */
public final class HeadCodec {
    private final Http1RequestParser parser = new Http1RequestParser(MessageLimits.of(LimitsConfig.DEFAULT));
    private final Http1HeadWriter writer = new Http1HeadWriter();
    private final Output output;
    private final ByteBuf in;

    /** A codec whose input is always this head, lines ended by CR LF. */
    public HeadCodec(String head) {
        in = Unpooled.directBuffer().writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        ChannelHandlerContext context = channel.pipeline().firstContext();
        output = new Output(context);
    }

    /** Parses the input into a head, which it clears before. */
    public void parse(RequestHead head) {
        head.clear();
        in.readerIndex(0);
        parser.begin(head);
        if (parser.parse(in) != Progress.DONE) {
            throw new IllegalStateException("the head is refused: " + parser.error());
        }
    }

    /** Writes the head to a pooled buffer and lets that go. */
    public void write(RequestHead head) {
        writer.request(head, true, output);
        output.discard();
    }
}
