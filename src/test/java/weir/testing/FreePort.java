package weir.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loopback ports for programs that cannot choose one themselves. They lie below the range from which the kernel gives
 * ports to clients and to port 0, so nobody else takes one between its choice and its use, and no two are the same.
 * Thread-safe.
 */
public final class FreePort {
    private static final int LOWEST = 10_000;
    private static final int COUNT = 22_000;

    // Builds of one machine begin at different places, and the two test processes of a build far from each other.
    private static final AtomicInteger NEXT = new AtomicInteger((int)
            ((ProcessHandle.current().pid() * 97 + Integer.getInteger("weir.test.fork", 1) * (COUNT / 2)) % COUNT));

    private FreePort() {}

    /** A port that nobody listens on, never given before in this process. */
    public static int take() throws IOException {
        for (int i = 0; i < COUNT; i++) {
            int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                // the next one
            }
        }
        throw new IOException("no free port from " + LOWEST + " on");
    }
}
