package weir.config;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says in words why a bind, a connect, a read or a parse failed. The messages of Java's and Netty's exceptions often are
 * missing, are a file name alone, or repeat the address that the caller names. Thread-safe.
 */
public final class FailureText {
    /** Netty's {@code bind(..) failed with error(-98): Address already in use}. */
    private static final Pattern NATIVE = Pattern.compile("\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: (.+)");

    /** The address that Netty adds: {@code Connection refused: localhost/127.0.0.1:80}. */
    private static final Pattern REMOTE = Pattern.compile("(.+?): \\S*/\\S+:\\d+");

    /** {@code FILE (No such file or directory)}. */
    private static final Pattern IN_PARENTHESES = Pattern.compile(".*\\(([^()]+)\\)");

    private static final Pattern WORD = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

    private FailureText() {}

    /** The reason: never empty, one line, without the address or file name that the caller knows. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        for (Throwable inner = cause.getCause(); inner != null && isWrapper(cause, inner); inner = cause.getCause()) {
            cause = inner;
        }
        String known = known(cause);
        return known != null ? known : message(cause);
    }

    /** Whether an exception says no more than its cause. */
    private static boolean isWrapper(Throwable failure, Throwable cause) {
        return cause.toString().equals(failure.getMessage())
                || failure instanceof UncheckedIOException
                || failure instanceof CompletionException
                || failure instanceof ExecutionException
                || failure instanceof DirectoryIteratorException;
    }

    private static @Nullable String known(Throwable cause) {
        if (cause instanceof UnsupportedAddressTypeException) {
            return "this kind of address is not available on this machine (is IPv6 switched off?)";
        }
        if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
            return "unknown host";
        }
        if (cause instanceof NoRouteToHostException) {
            return "no route to host";
        }
        if (cause instanceof ClosedChannelException) {
            return "the connection is closed";
        }
        if (cause instanceof SocketTimeoutException) {
            return "timed out";
        }
        if (cause instanceof EOFException) {
            return "ended too early";
        }
        if (cause instanceof CharacterCodingException) {
            return "is not UTF-8 text";
        }
        return ofFile(cause);
    }

    private static @Nullable String ofFile(Throwable cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return "already exists";
        }
        if (cause instanceof InvalidPathException invalid) {
            return invalid.getReason().contains("unmappable")
                    ? "the locale has no such characters (set LC_ALL=C.UTF-8)"
                    : "not a valid path: " + decapitalized(invalid.getReason());
        }
        if (cause instanceof FileSystemException failed) {
            String reason = failed.getReason();
            return reason == null || reason.isBlank() ? named(cause) : decapitalized(reason);
        }
        return null;
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        if (message == null || message.isBlank() || message.equals("null")) {
            return named(cause);
        }
        String line = message.lines().findFirst().orElse("").strip();
        Matcher matcher;
        if (cause instanceof FileNotFoundException && (matcher = IN_PARENTHESES.matcher(line)).matches()) {
            line = matcher.group(1);
        } else if ((matcher = REMOTE.matcher(line)).matches()) {
            line = matcher.group(1);
        }
        if ((matcher = NATIVE.matcher(line)).matches()) {
            line = matcher.group(1);
        }
        return decapitalized(line);
    }

    /** The words of an exception's class: {@code NotYetConnectedException} is "not yet connected". */
    private static String named(Throwable cause) {
        Class<?> type = cause.getClass();
        String name = type.getSimpleName().replaceFirst("(Exception|Error)$", "");
        if (name.isEmpty()) {
            name = type.getName().substring(type.getName().lastIndexOf('.') + 1);
        }
        return WORD.matcher(name).replaceAll(" ").toLowerCase(Locale.ROOT);
    }

    /** As the middle of a sentence, but for acronyms. */
    private static String decapitalized(String text) {
        boolean word =
                text.length() > 1 && Character.isUpperCase(text.charAt(0)) && Character.isLowerCase(text.charAt(1));
        return word ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
    }
}
