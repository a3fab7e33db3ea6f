package weir.testing;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that send GETs one after another on connections they keep, each request with a path of its own, and note
 * what was not answered 200. Thread-safe.
 */
public final class Load implements AutoCloseable {
    private final int port;
    private final String prefix;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile boolean stop;

    private Load(int port, String prefix) {
        this.port = port;
        this.prefix = prefix;
    }

    /** Starts that many clients; their paths begin with {@code prefix}. They end at the first refused connection. */
    public static Load start(int port, String prefix, int clients) {
        Load load = new Load(port, prefix);
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(load::run, "load");
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    private void run() {
        while (!stop) {
            try (RawClient client = RawClient.connect(port)) {
                boolean open = true;
                while (open && !stop) {
                    open = request(client);
                }
            } catch (ConnectException closed) {
                return;
            } catch (IOException e) {
                failures.add("connection: " + e);
                return;
            }
        }
    }

    private boolean request(RawClient client) {
        String path = prefix + number.incrementAndGet();
        try {
            client.send("GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n");
            RawResponse response = client.read();
            if (response.status() == 200) {
                answered.add(path);
            } else {
                failures.add(path + ": " + response.status());
            }
            return !response.closes();
        } catch (IOException e) {
            failures.add(path + ": " + e);
            return false;
        }
    }

    /** Waits until that many more requests were answered. */
    public void awaitMore(int requests) throws IOException, InterruptedException {
        int wanted = answered.size() + requests;
        Await.until(() -> answered.size() >= wanted, () -> "load stalls; failures: " + failures);
    }

    /** The paths answered 200 so far. */
    public Set<String> answered() {
        return Set.copyOf(answered);
    }

    /** What was not answered 200 so far. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Ends the clients, each after its request. */
    public void finish() throws InterruptedException {
        stop = true;
        for (Thread thread : threads) {
            thread.join(WeirProcess.PATIENCE.toMillis());
        }
    }

    @Override
    public void close() {
        stop = true;
    }
}
