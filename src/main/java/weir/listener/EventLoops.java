package weir.listener;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import weir.loop.Delivery;
import weir.loop.LoopProgress;
import weir.loop.ThreadTime;

/** The event loops of the data plane, one thread each. Thread-safe. */
public final class EventLoops {
    private final MultiThreadIoEventLoopGroup all;
    private final List<EventLoop> loops = new ArrayList<>();
    private final LoopProgress progress;
    private final ThreadTime time = new ThreadTime();
    private volatile boolean closing;

    /** Starts {@code count} loops; 0 means one per core. */
    public EventLoops(int count, Transport transport) {
        int n = count > 0 ? count : Runtime.getRuntime().availableProcessors();
        progress = new LoopProgress(transport.handlers());
        all = new MultiThreadIoEventLoopGroup(n, new DefaultThreadFactory("weir-loop"), progress);
        all.forEach(executor -> loops.add((EventLoop) executor));
    }

    /** How many loops there are. */
    public int count() {
        return loops.size();
    }

    /** Loop number {@code i}. */
    public EventLoop loop(int i) {
        return loops.get(i);
    }

    /** How far loop number {@code i} has come; to be asked on that loop. */
    public Delivery delivery(int i) {
        return progress.of(loops.get(i));
    }

    /** The processor time of the calling thread. */
    public ThreadTime processorTime() {
        return time;
    }

    /** Has {@code ended} told the number of a loop that ends before this is closed: its connections are lost. */
    public void watch(IntConsumer ended) {
        for (int i = 0; i < loops.size(); i++) {
            int number = i;
            loops.get(i).terminationFuture().addListener(done -> {
                if (!closing) {
                    ended.accept(number);
                }
            });
        }
    }

    EventLoopGroup group(int i) {
        return loops.get(i);
    }

    EventLoopGroup all() {
        return all;
    }

    /** Stops the threads. Returns once they ended or after ten seconds. */
    public void close() {
        closing = true;
        // Not at once: connections that say good-bye, as those of HTTP/2 do, close behind their last write.
        all.shutdownGracefully(100, 5_000, TimeUnit.MILLISECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
