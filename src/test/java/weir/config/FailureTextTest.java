package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ConnectTimeoutException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FailureTextTest {
    /** Every exception class of a package of the JDK. */
    private static Stream<Class<?>> exceptions(String jdkPackage) throws IOException {
        Path directory = FileSystems.getFileSystem(URI.create("jrt:/"))
                .getPath("modules", "java.base", jdkPackage.replace('.', '/'));
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Exception.class"))
                    .map(name -> jdkPackage + '.' + name.substring(0, name.length() - ".class".length()))
                    .toList();
            return names.stream().map(FailureTextTest::named);
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Class<?>> allExceptions() throws IOException {
        return Stream.of("java.nio.channels", "java.nio.file", "java.nio.charset", "java.net", "java.io")
                .flatMap(name -> {
                    try {
                        return exceptions(name);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("allExceptions")
    void saysSomethingInWordsForEveryExceptionOfTheJdk(Class<?> type) throws Exception {
        for (Throwable failure : instances(type)) {
            String text = FailureText.of(failure);
            assertFalse(text.isBlank(), type::getName);
            assertFalse(
                    text.contains("null") || text.contains("Exception") || text.contains("\n"),
                    () -> type + ": " + text);
            assertFalse(Character.isUpperCase(text.charAt(0)), text);
        }
    }

    /** One for each public constructor that takes nothing, or one or several strings. */
    private static List<Throwable> instances(Class<?> type) {
        return Stream.of(type.getConstructors())
                .filter(constructor ->
                        Stream.of(constructor.getParameterTypes()).allMatch(String.class::equals))
                .map(constructor -> {
                    try {
                        return (Throwable) constructor.newInstance(new Object[constructor.getParameterCount()]);
                    } catch (ReflectiveOperationException e) {
                        return (Throwable) new AssertionError(e);
                    }
                })
                .filter(made -> !(made instanceof AssertionError)) // some refuse null
                .toList();
    }

    @Test
    void hasWordsForEveryJdkExceptionThatCanBeMade() throws IOException {
        long made = allExceptions().filter(type -> !instances(type).isEmpty()).count();
        assertTrue(made > 50, () -> "only " + made);
    }

    @Test
    void takesTheKernelsWordsOutOfNettysMessages() {
        assertEquals(
                "address already in use",
                FailureText.of(new IOException("bind(..) failed with error(-98): Address already in use")));
        assertEquals(
                "connection refused",
                FailureText.of(new ConnectException("finishConnect(..) failed with error(-111): Connection refused")));
        assertEquals(
                "connection refused",
                FailureText.of(new ConnectException("Connection refused: localhost/127.0.0.1:9")));
        assertEquals(
                "connection refused",
                FailureText.of(new ConnectException(
                        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:9")));
        assertEquals(
                "connection timed out after 2000 ms",
                FailureText.of(new ConnectTimeoutException("connection timed out after 2000 ms: /127.0.0.1:9")));
        assertEquals(
                "connection timed out after 2000 ms",
                FailureText.of(new ConnectTimeoutException("connection timed out after 2000 ms: /[::1]:9")));
    }

    @Test
    void namesWhatUsersMeet() throws IOException {
        assertEquals("address already in use", FailureText.of(new BindException("Address already in use")));
        assertEquals(
                "cannot assign requested address",
                FailureText.of(new BindException("Cannot assign requested address")));
        assertEquals("no route to host", FailureText.of(new NoRouteToHostException()));
        assertEquals("unknown host", FailureText.of(new UnknownHostException("backend.test")));
        assertEquals("timed out", FailureText.of(new SocketTimeoutException("Read timed out")));
        assertEquals("ended too early", FailureText.of(new EOFException()));
        assertEquals("is not UTF-8 text", FailureText.of(new MalformedInputException(1)));
        assertEquals("permission denied", FailureText.of(new FileNotFoundException("/a b (Permission denied)")));
        assertEquals("not a directory", FailureText.of(new NotDirectoryException("/a")));
        assertEquals(
                "no space left on device",
                FailureText.of(new FileSystemException("/a", null, "No space left on device")));
        assertEquals("TLS is off", FailureText.of(new IOException("TLS is off")));
        assertEquals("x", FailureText.of(new CompletionException(new UncheckedIOException(new IOException("x")))));
        assertEquals("no route to host", FailureText.of(new IOException(new NoRouteToHostException("x"))));
        assertEquals("not a valid path: nul character", FailureText.of(new InvalidPathException("a", "Nul character")));
        assertEquals(
                "the locale has no such characters (set LC_ALL=C.UTF-8)",
                FailureText.of(
                        new InvalidPathException("\u00e4", "Malformed input or input contains unmappable characters")));
    }

    @Test
    void saysWhyAnOpenFailed() {
        assertEquals("no such file", openFailure(Path.of("/no/such/file")));
        assertEquals("not a directory", openFailure(Path.of("/dev/null/file")));
    }

    private static String openFailure(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.toString();
        } catch (IOException e) {
            return FailureText.of(e);
        }
    }
}
