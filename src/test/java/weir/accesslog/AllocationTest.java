package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.AccessLogConfig;
import weir.metrics.Metrics;

class AllocationTest {
    private static final int LINES = 100_000;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final TestExchange exchange = TestExchange.of(
            "GET",
            "example.com",
            "/hello?x=\u00fc",
            "user-agent",
            "curl/8 \"x\"",
            "referer",
            "http://a/",
            "x-foo",
            "bar");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"json", "combined", "logfmt", "{time} {client} {method} {host}{path} {status} {header.x-foo}"})
    void rendersALineWithoutAllocation(String name) {
        LogFormat format = LogFormat.compile(name);
        LineBuffer out = new LineBuffer(4096);
        LineClock clock = new LineClock();
        render(format, out, clock);

        long before = threads.getCurrentThreadAllocatedBytes();
        render(format, out, clock);
        long perLine = (threads.getCurrentThreadAllocatedBytes() - before) / LINES;

        assertTrue(perLine < 1, perLine + " bytes per line");
    }

    @Test
    void whatALoopAllocatesIsBoundedByItsBuffers() throws Exception {
        AccessLogConfig config = new AccessLogConfig(
                "json",
                AccessLogConfig.Output.FILE,
                directory.resolve("a.log").toString(),
                10_000_000,
                1,
                AccessLogConfig.WhenFull.DROP);
        try (AccessLog log = AccessLog.open(config, new Metrics(1))) {
            LoopLog loop = log.loop(0);
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 5 * LINES; i++) {
                loop.log(exchange);
                if (i % 100 == 0) {
                    loop.tick(i);
                }
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertTrue(allocated < (LoopLog.CHUNKS + 2) * (LoopLog.CHUNK + 2_048L), allocated + " bytes");
        }
    }

    private void render(LogFormat format, LineBuffer out, LineClock clock) {
        for (int i = 0; i < LINES; i++) {
            out.truncate(0);
            exchange.startedMillis += 7;
            format.write(exchange, out, clock);
        }
    }
}
