package weir.http;

/** An exception in one line of the log: its type, its message, and where it came from. */
public final class Breakage {
    private static final int FRAMES = 4;

    private Breakage() {}

    /** The innermost cause and the first of its frames; the whole trace is for the level debug. */
    public static String text(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        StringBuilder text = new StringBuilder(oneLine(cause.toString()));
        StackTraceElement[] frames = cause.getStackTrace();
        for (int i = 0; i < frames.length && i < FRAMES; i++) {
            text.append(i == 0 ? " at " : " < ").append(frames[i]);
        }
        return text.toString();
    }

    /** Whether memory was lacking, which clients can cause: no frames tell more. */
    public static boolean isLackOfMemory(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
