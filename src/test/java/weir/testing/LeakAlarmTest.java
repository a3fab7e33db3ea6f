package weir.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class LeakAlarmTest {
    @Test
    void aBufferLeftBehindEndsTheRun() throws IOException, InterruptedException {
        Process leaking = run("leak");
        String said = new String(leaking.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(3, leaking.waitFor(), said);
        assertTrue(said.contains("leaked buffers") && said.contains("LeakAlarmTest"), said);
    }

    @Test
    void releasedBuffersDoNot() throws IOException, InterruptedException {
        Process clean = run("release");
        String said = new String(clean.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, clean.waitFor(), said);
    }

    private static Process run(String what) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dio.netty.customResourceLeakDetector=io.netty.util.LeakPresenceDetector",
                        "-Dio.netty.util.LeakPresenceDetector.trackCreationStack=true",
                        "-cp",
                        System.getProperty("surefire.real.class.path", System.getProperty("java.class.path")),
                        LeakAlarmTest.class.getName(),
                        what)
                .start();
    }

    /** What the child process does: makes a buffer, releases it or not, and asks the alarm. */
    public static void main(String[] arguments) {
        ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(8);
        if (arguments[0].equals("release")) {
            buffer.release();
        }
        LeakAlarm.sound();
    }
}
