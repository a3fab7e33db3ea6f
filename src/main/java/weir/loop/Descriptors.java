package weir.loop;

import io.netty.channel.Channel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How many file descriptors the process may have, and how many of them accepted connections leave alone: a reserve for
 * backends, health checks, the admin API and files. The kernel gives out the lowest free number, so the number of a new
 * descriptor says that all below it are in use, and nothing has to be counted. Thread-safe.
 */
public final class Descriptors {
    private static final int EMFILE = -24;
    private static final int ENFILE = -23;
    private static final int LEAST_RESERVE = 64;
    private static final int RESERVE_PERCENT = 5;

    /** Of the limit, however small that is: else nobody could connect. */
    private static final int MOST_RESERVE_PERCENT = 30;

    /** Where descriptors have no numbers, those of the process are counted, at one in so many accepts. */
    private static final int SAMPLED = 16;

    private static final Path OPEN = Path.of("/proc/self/fd");
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LIMIT_LINE = "Max open files";

    private final int own;
    private volatile int limit;
    private int sample;
    private int sampled;

    /** Those of this process, with the limit that the kernel has for it. */
    public Descriptors() {
        this(limitOfProcess());
    }

    Descriptors(int limit) {
        this.own = limit;
        this.limit = limit;
    }

    /** Uses no more than so many; 0 for as many as the process may have. Never more than that. */
    public void limit(int most) {
        limit = most > 0 ? Math.min(most, own) : own;
    }

    /** How many may be used. */
    public int limit() {
        return limit;
    }

    /** How many of them accepted connections leave alone. */
    public int reserve() {
        int most = limit;
        long wanted = Math.max(LEAST_RESERVE, (long) most * RESERVE_PERCENT / 100);
        return (int) Math.min(wanted, (long) most * MOST_RESERVE_PERCENT / 100);
    }

    /** How many descriptors must be closed for the reserve to be whole again, now that this was accepted; 0 if it is whole. */
    public int lacking(Channel accepted) {
        int most = limit;
        return most == Integer.MAX_VALUE ? 0 : Math.max(0, number(accepted) - (most - reserve()) + 1);
    }

    private int number(Channel accepted) {
        return accepted instanceof UnixChannel unix ? unix.fd().intValue() : sampled();
    }

    private synchronized int sampled() {
        if (sample++ % SAMPLED == 0) {
            sampled = open();
        }
        return sampled;
    }

    private static int open() {
        int open = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(OPEN)) {
            for (Path ignored : all) {
                open++;
            }
        } catch (IOException e) {
            return 0; // no Linux
        }
        return open;
    }

    private static int limitOfProcess() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith(LIMIT_LINE)) {
                    String[] words = line.substring(LIMIT_LINE.length()).strip().split("\\s+", -1);
                    return Integer.parseInt(words[0]);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Integer.MAX_VALUE; // no Linux, or no limit
        }
        return Integer.MAX_VALUE;
    }

    /** Whether something failed for want of a descriptor. */
    public static boolean lackedIn(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Errors.NativeIoException known) {
                return known.expectedErr() == EMFILE || known.expectedErr() == ENFILE;
            }
            if (cause instanceof IOException
                    && String.valueOf(cause.getMessage()).startsWith("Too many open files")) {
                return true; // Java knows no number
            }
        }
        return false;
    }
}
