package weir.accesslog;

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

/** What it costs to render a line of the access log, without the hand-over to the writer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class LogLineBench {
    @Param({"json", "combined", "logfmt"})
    String format = "json";

    private final LineBuffer out = new LineBuffer(4096);
    private final LineClock clock = new LineClock();
    private final TestExchange exchange = TestExchange.of(
            "GET",
            "www.example.com",
            "/products/1234?from=search&page=2",
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0",
            "referer",
            "https://www.example.com/products?q=weir");
    private LogFormat compiled = LogFormat.compile("json");

    @Setup
    public void start() {
        compiled = LogFormat.compile(format);
        exchange.attempts = new String[][] {{"127.0.0.1:9001", "", "200"}};
    }

    @Benchmark
    public int line() {
        out.truncate(0);
        exchange.startedMillis++;
        compiled.write(exchange, out, clock);
        return out.length();
    }
}
