package weir.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import weir.config.Suggestion;

/**
 * Answers a command line that is wrong: one line that says what, one that says where help is, exit code 2. Who names no
 * command at all sees the help. Stateless.
 */
public final class Misuse implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        if (args.length == 0) {
            command.usage(command.getErr());
        } else {
            command.getErr().println("weir: " + message(e, command));
            command.getErr().println("Help: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String message(ParameterException e, CommandLine command) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            String message = String.valueOf(e.getMessage());
            return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
        }
        String first = unmatched.getUnmatched().get(0);
        if (unmatched.isUnknownOption()) {
            List<String> options = command.getCommandSpec().optionsMap().keySet().stream()
                    .sorted()
                    .toList();
            return "unknown option: " + first + expected(first, options);
        }
        if (command.getSubcommands().isEmpty()) {
            return "unexpected argument: " + first;
        }
        return "unknown command: " + first
                + expected(first, List.copyOf(command.getSubcommands().keySet()));
    }

    private static String expected(String word, List<String> known) {
        @Nullable String nearest = Suggestion.nearest(word, known);
        return " (expected: " + String.join(", ", known) + (nearest == null ? ")" : "; did you mean " + nearest + "?)");
    }
}
