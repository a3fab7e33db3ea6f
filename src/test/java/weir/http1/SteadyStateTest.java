package weir.http1;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import weir.http.HeadPool;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http1.Http1HeadWriter.Length;
import weir.http1.Http1HeadWriter.Persistence;

class SteadyStateTest {
    private static final int ROUNDS = 20_000;
    private static final byte[] REQUEST =
            ("GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test\r\nAccept: */*\r\n"
                            + "Connection: keep-alive\r\nCookie: a=b\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESPONSE =
            "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final Http1RequestParser requests = new Http1RequestParser(ClientFixture.LIMITS.message());
    private final Http1ResponseParser responses = new Http1ResponseParser(0);
    private final Http1HeadWriter writer = new Http1HeadWriter();
    private final HeadPool heads = new HeadPool();
    // The leak detector allocates; what is measured here must not.
    private final ByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final ByteBuf in = allocator.directBuffer(1024);
    private final byte[] sink = new byte[1024];

    @Test
    void allocatesNothingPerHead() {
        channel.config().setAllocator(allocator);
        Output output = new Output(channel.pipeline().firstContext());
        run(output);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(output);
        long perRound = (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
        output.discard();
        in.release();
        channel.finishAndReleaseAll();
        assertTrue(perRound < 8, perRound + " bytes for each request and response");
    }

    private void run(Output output) {
        for (int i = 0; i < ROUNDS; i++) {
            RequestHead request = heads.request();
            requests.begin(request);
            in.clear().writeBytes(REQUEST);
            requests.parse(in);
            request.fields().add(VIA).value(VIA);
            writer.request(request, true, output);
            ByteBuf out = output.room(1);
            out.readBytes(sink, 0, out.readableBytes());
            out.clear();
            heads.release(request);
            ResponseHead response = heads.response();
            responses.begin(response, false);
            in.clear().writeBytes(RESPONSE);
            responses.parse(in);
            writer.response(response, Length.KNOWN, 5, Persistence.UNSAID, output);
            output.room(1).clear();
            heads.release(response);
        }
    }

    private static final byte[] VIA = "via".getBytes(StandardCharsets.US_ASCII);
}
