package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.Version;
import org.junit.jupiter.api.Test;

final class VersionCommandTest {
    @Test
    void printsWhatRunsHere() {
        CommandRun run = CommandRun.of(new VersionCommand(() -> "epoll"));
        assertEquals(0, run.exit());
        String[] lines = run.out().split("\n");
        assertEquals("weir development", lines[0]);
        assertTrue(lines[1].startsWith("java " + Runtime.version()), lines[1]);
        assertEquals("netty " + Version.identify().get("netty-common").artifactVersion(), lines[2]);
        assertEquals("transport epoll", lines[3]);
    }
}
