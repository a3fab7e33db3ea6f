package weir.testing;

import java.util.List;

/** Weir with a shutdown hook that says so: proves how the process ended. */
public final class HookedMain {
    /** What the hook writes to standard error. */
    public static final String HOOK = "the shutdown hook ran";

    /** System property; {@code true} asks in a form that only picocli reads. */
    public static final String LONG_FORM = "hooked.long-form";

    private HookedMain() {}

    /** Runs Weir's own main class. */
    public static void main(String[] arguments) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.err.println(HOOK)));
        boolean longForm = Boolean.getBoolean(LONG_FORM);
        List<String> asked = List.of(arguments);
        weir.Main.main(longForm ? new String[] {asked.get(0), asked.get(1) + "=" + asked.get(2)} : arguments);
    }
}
