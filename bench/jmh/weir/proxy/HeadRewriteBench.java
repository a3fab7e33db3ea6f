package weir.proxy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import weir.http.RequestHead;
import weir.http1.HeadCodec;

/** The way of a request head: parsed, given its forwarding headers, written. Each figure includes the ones before. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HeadRewriteBench {
    private static final String SMALL = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
    private static final String BROWSER = "GET /products/1234?from=search&page=2 HTTP/1.1\r\n"
            + "Host: www.example.com\r\n"
            + "Connection: keep-alive\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0\r\n"
            + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
            + "Sec-Fetch-Site: same-origin\r\n"
            + "Sec-Fetch-Mode: navigate\r\n"
            + "Referer: https://www.example.com/products?q=weir\r\n"
            + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
            + "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
            + "Cookie: session=0193a7b2c4d84e5f9a6b7c8d9e0f1a2b; theme=dark; consent=all\r\n"
            + "\r\n";

    @Param({"small", "browser"})
    String request = "small";

    private final RequestHead head = new RequestHead();
    private final ForwardingHeaders headers = new ForwardingHeaders(List.of());
    private final SplittableRandom random = new SplittableRandom(1);
    private final ForwardedLines peer = new ForwardedLines("127.0.0.1".getBytes(StandardCharsets.US_ASCII));
    private HeadCodec codec = new HeadCodec(SMALL);

    @Setup
    public void start() {
        codec = new HeadCodec(request.equals("small") ? SMALL : BROWSER);
    }

    @Benchmark
    public RequestHead parse() {
        codec.parse(head);
        return head;
    }

    @Benchmark
    public RequestHead parseAndAddHeaders() {
        codec.parse(head);
        headers.requestId(head, false, random);
        headers.apply(head, false, false, peer);
        return head;
    }

    @Benchmark
    public RequestHead parseAddHeadersAndWrite() {
        codec.parse(head);
        headers.requestId(head, false, random);
        headers.apply(head, false, false, peer);
        head.forwardedPath().set(head.path().start(), head.path().length());
        head.forwardedHost().set(head.host().start(), head.host().length());
        codec.write(head);
        return head;
    }
}
