package weir;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import weir.config.Configuration;
import weir.config.ConfigurationSource;
import weir.config.ListenerConfig;
import weir.config.Problem;
import weir.config.Reading;
import weir.tls.BackendContexts;
import weir.tls.ServerMaterial;
import weir.tls.TlsProvider;

/**
 * A source whose configurations are good only if the files they name are: what is wrong with a certificate is told like
 * what is wrong with a key of the file, by start, reload and {@code check} alike. Used on one thread at a time.
 */
record CheckedSource(ConfigurationSource source) implements ConfigurationSource {
    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Reading read() throws IOException {
        Reading reading = source.read();
        Configuration configuration = reading.configuration();
        if (configuration == null) {
            return reading;
        }
        List<Problem> problems = new ArrayList<>();
        for (ListenerConfig listener : configuration.listeners().values()) {
            if (listener.tls() != null) {
                ServerMaterial.read(listener.tls(), TlsProvider.ofProcess(), problems::add);
            }
        }
        BackendContexts.check(configuration.services().values(), TlsProvider::ofProcess, problems::add);
        return problems.isEmpty() ? reading : new Reading(null, problems);
    }

    @Override
    public void applied() {
        source.applied();
    }

    @Override
    public @Nullable Reading lastGood() {
        return source.lastGood();
    }

    @Override
    public void watch(ScheduledExecutorService control, Runnable changed) {
        source.watch(control, changed);
    }

    @Override
    public void close() {
        source.close();
    }
}
