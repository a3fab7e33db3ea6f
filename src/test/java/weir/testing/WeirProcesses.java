package weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Starts the processes of {@link WithWeir}, each when its turn comes; JUnit closes them. */
final class WeirProcesses implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return IntStream.rangeClosed(1, 2).mapToObj(threads -> Arguments.of(start(threads)));
    }

    private static WeirProcess start(int threads) {
        try {
            return WeirProcess.withThreads(threads);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
