package weir.testing;

import java.io.IOException;

/**
 * Sends signals by the shell's own {@code kill}: the program of that name is in a package that a bare system lacks.
 * Thread-safe.
 */
public final class Signal {
    private Signal() {}

    /** Sends a signal, as {@code HUP}, to a process; fails when there is no such process. */
    public static void send(String name, long pid) throws IOException {
        try {
            int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid)
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IOException("could not send " + name + " to process " + pid);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
