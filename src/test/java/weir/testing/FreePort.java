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

    private static final int TEST_PROCESSES = 3;

    // Builds of one machine begin at different places; the test processes of a build, as far apart as can be.
    private static final AtomicInteger NEXT = new AtomicInteger(
            (int) ((build() * 97 + Integer.getInteger("weir.test.fork", 0) * (COUNT / TEST_PROCESSES)) % COUNT));

    private FreePort() {}

    /** Of the build, which starts its test processes by a shell or without one: the same for all of them either way. */
    private static long build() {
        return ProcessHandle.current()
                .parent()
                .flatMap(ProcessHandle::parent)
                .map(ProcessHandle::pid)
                .orElse(0L);
    }

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
