package weir.accesslog;

import java.io.IOException;
import weir.config.AccessLogConfig;
import weir.config.AccessLogConfig.Output;
import weir.config.AccessLogConfig.WhenFull;
import weir.metrics.Metrics;

/** A process whose loops write lines to standard output until it is told to end; then it says how many each wrote. */
final class LoggingProcess {
    private static volatile boolean ending;

    private LoggingProcess() {}

    public static void main(String[] args) throws IOException {
        int loops = Integer.parseInt(args[0]);
        AccessLog log = AccessLog.open(
                new AccessLogConfig("{path}", Output.STDOUT, null, 0, 0, WhenFull.PAUSE), new Metrics(loops));
        int[] counts = new int[loops];
        Thread[] threads = new Thread[loops];
        for (int i = 0; i < loops; i++) {
            int number = i;
            threads[i] = new Thread(() -> counts[number] = run(log.loop(number), number));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(log, threads, counts)));
        for (Thread thread : threads) {
            thread.start();
        }
    }

    private static int run(LoopLog log, int loop) {
        int lines = 0;
        while (!ending) {
            if (log.full()) {
                log.tick(0);
                Thread.yield();
            } else {
                log.log(TestExchange.of("GET", "h", loop + "/" + lines++));
            }
        }
        return lines;
    }

    private static void end(AccessLog log, Thread[] threads, int[] counts) {
        ending = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        log.close();
        for (int i = 0; i < counts.length; i++) {
            System.err.println("loop " + i + " " + counts[i]);
        }
    }
}
