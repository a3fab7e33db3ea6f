package weir.admin;

import java.util.List;

/**
 * What came of a reload. Immutable.
 *
 * @param applied whether the file is in force now
 * @param problems why it is not, each {@code file:line:column: message}; empty when it is
 * @param notes what was applied only in part: {@code threads: a change needs a restart}
 */
public record ReloadResult(boolean applied, List<String> problems, List<String> notes) {
    public ReloadResult {
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    /** The file is in force. */
    public static ReloadResult applied(List<String> notes) {
        return new ReloadResult(true, List.of(), notes);
    }

    /** The old configuration stays. */
    public static ReloadResult refused(List<String> problems) {
        return new ReloadResult(false, problems, List.of());
    }
}
