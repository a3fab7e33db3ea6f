package weir.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Has another JVM collect its garbage, as {@code jcmd PID GC.run} does, without the second that a JVM for jcmd takes
 * to start. The other JVM runs with {@code -XX:+StartAttachListener}. Thread-safe.
 */
final class JvmAttachment {
    private JvmAttachment() {}

    static void collectGarbage(long pid) throws IOException {
        Path socket = socket(pid);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            // Protocol version 1, the command, and always three arguments.
            channel.write(ByteBuffer.wrap("1\0jcmd\0GC.run\0\0\0".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1024);
            while (channel.read(answer) >= 0 && answer.hasRemaining()) {
                // until the JVM closes: then it is done
            }
            if (answer.position() == 0 || answer.get(0) != '0') {
                throw new IOException("GC.run was refused: "
                        + new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII));
            }
        }
    }

    /** Whether another user's killed JVM left a socket of that process id, which this user's JVM cannot replace. */
    static boolean blocked(long pid, Path owned) throws IOException {
        try {
            return !Files.getOwner(socket(pid)).equals(Files.getOwner(owned));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Waits for the end of a process and removes its socket, which a killed JVM leaves behind. */
    static void removeSocket(Process process) throws IOException {
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket(process.pid()));
    }

    /** The place that HotSpot chooses, whatever {@code java.io.tmpdir} says. */
    private static Path socket(long pid) {
        return Path.of("/tmp", ".java_pid" + pid);
    }
}
