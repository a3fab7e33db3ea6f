package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.LimitsConfig.Underscores;
import weir.http.Fields;
import weir.http.RequestHead;
import weir.http.ResponseHead;

/** What is valid means the same to us as to Netty's decoder, wherever it is split. */
class DecoderComparisonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /a/b?c=%20d&e=f HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\nCookie: a=b; c=d\r\n"
                        + "X-Empty:\r\nX-Blank:   \r\nX-Spaced: \t a b  c \t\r\nX-Same: 1\r\nX-Same: 2\r\n\r\n",
                "POST /form HTTP/1.1\r\nhost:a\r\nCONTENT-LENGTH: 11\r\n\r\nhello world",
                "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
                "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        + "00b;x=y\r\nhello world\r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "DELETE /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                "PUT /empty HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                "\r\nBREW /coffee HTTP/1.1\r\nHost: a\r\nX: \u00e9\u00ff\r\n\r\n"
            })
    void readsRequestsAsNettyDoes(String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        String expected = nettyRequest(bytes);
        for (int split = 0; split <= bytes.length; split++) {
            assertEquals(expected, ourRequest(bytes, split), "split at " + split);
        }
        assertEquals(expected, ourRequest(bytes, -1), "byte by byte");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 404 Not Found Here\r\nServer: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 1\r\n\r\nx",
                "HTTP/1.1 204 No Content\r\nX_Y: z\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
                "HTTP/1.0 500 Oh\r\nContent-Length: 2\r\n\r\nno",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"
            })
    void readsResponsesAsNettyDoes(String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        String expected = nettyResponse(bytes);
        for (int split = 0; split <= bytes.length; split++) {
            assertEquals(expected, ourResponse(bytes, split), "split at " + split);
        }
        assertEquals(expected, ourResponse(bytes, -1), "byte by byte");
    }

    private static String nettyRequest(byte[] bytes) {
        return netty(new EmbeddedChannel(new HttpRequestDecoder()), bytes);
    }

    private static String nettyResponse(byte[] bytes) {
        return netty(new EmbeddedChannel(new HttpResponseDecoder()), bytes);
    }

    private static String netty(EmbeddedChannel channel, byte[] bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes));
        StringBuilder text = new StringBuilder();
        StringBuilder body = new StringBuilder();
        StringBuilder trailers = new StringBuilder();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof HttpRequest request) {
                text.append(request.method()).append(' ').append(request.uri()).append(' ');
                text.append(request.protocolVersion()).append('\n');
                append(text, request.headers());
            } else if (message instanceof HttpResponse response) {
                text.append(response.protocolVersion())
                        .append(' ')
                        .append(response.status().code());
                text.append(' ').append(response.status().reasonPhrase()).append('\n');
                append(text, response.headers());
            }
            if (message instanceof HttpContent content) {
                body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (message instanceof LastHttpContent last) {
                append(trailers, last.trailingHeaders());
            }
            ReferenceCountUtil.release(message);
        }
        channel.finishAndReleaseAll();
        return text + "body " + body + "\n" + trailers;
    }

    private static void append(StringBuilder text, HttpHeaders headers) {
        for (Map.Entry<String, String> field : headers) {
            text.append(field.getKey()).append('=').append(field.getValue()).append('\n');
        }
    }

    private static void append(StringBuilder text, Fields fields) {
        for (int i = 0; i < fields.count(); i++) {
            text.append(fields.name(i)).append('=').append(fields.value(i)).append('\n');
        }
    }

    private static HeldInput input(byte[] bytes, int split) {
        HeldInput input = new HeldInput();
        if (split < 0) {
            for (byte b : bytes) {
                input.add(Unpooled.copiedBuffer(new byte[] {b}));
            }
        } else {
            input.add(Unpooled.copiedBuffer(bytes, 0, split));
            input.add(Unpooled.copiedBuffer(Arrays.copyOfRange(bytes, split, bytes.length)));
        }
        return input;
    }

    private static String ourRequest(byte[] bytes, int split) {
        HeldInput input = input(bytes, split);
        RequestHead head = new RequestHead();
        Http1RequestParser parser = new Http1RequestParser(ClientFixture.LIMITS.message());
        parser.begin(head);
        Progress progress = Progress.MORE;
        while (progress == Progress.MORE) {
            ByteBuf in = input.peek();
            progress = parser.parse(in);
            input.consumed();
        }
        assertEquals(Progress.DONE, progress);
        StringBuilder text = new StringBuilder();
        text.append(head.text(head.methodName()))
                .append(' ')
                .append(head.text(head.target()))
                .append(' ');
        text.append(head.protocol().text()).append('\n');
        append(text, head.fields());
        return text + body(input, parser.chunked(), head.contentLength());
    }

    private static String ourResponse(byte[] bytes, int split) {
        HeldInput input = input(bytes, split);
        ResponseHead head = new ResponseHead();
        Http1ResponseParser parser = new Http1ResponseParser(0);
        parser.begin(head, false);
        Progress progress = Progress.MORE;
        while (progress == Progress.MORE) {
            ByteBuf in = input.peek();
            progress = parser.parse(in);
            input.consumed();
        }
        assertEquals(Progress.DONE, progress);
        StringBuilder text = new StringBuilder();
        text.append(new String(head.fields().array(), 0, 8, StandardCharsets.US_ASCII))
                .append(' ')
                .append(head.status());
        text.append(' ');
        text.append(new String(
                head.fields().array(), head.reason().start(), head.reason().length(), StandardCharsets.ISO_8859_1));
        text.append('\n');
        append(text, head.fields());
        return text + body(input, parser.chunked(), head.contentLength());
    }

    private static String body(HeldInput input, boolean chunked, long length) {
        BodyReader reader = new BodyReader(1000, 10, Underscores.PASS);
        if (chunked) {
            reader.beginChunked();
        } else {
            reader.beginLength(length);
        }
        StringBuilder text = new StringBuilder("body ");
        Progress progress = reader.read(input);
        while (progress == Progress.DATA) {
            ByteBuf data = reader.take();
            text.append(data.toString(StandardCharsets.ISO_8859_1));
            data.release();
            progress = reader.read(input);
        }
        assertEquals(Progress.DONE, progress);
        text.append('\n');
        Fields trailers = reader.trailers();
        if (trailers != null) {
            append(text, trailers);
        }
        assertTrue(input.isEmpty(), "all was read");
        return text.toString();
    }
}
