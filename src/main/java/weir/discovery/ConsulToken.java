package weir.discovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.FailureText;

/**
 * The ACL token: of a file, which is read for every request, so that a rotated token is in force at once; else of the
 * environment. A file that cannot be read leaves the last token in force. Thread-safe.
 */
final class ConsulToken {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulToken.class);
    private static final String VARIABLE = "CONSUL_HTTP_TOKEN";
    private static final String FILE_VARIABLE = "CONSUL_HTTP_TOKEN_FILE";

    private final @Nullable Path file;
    private volatile @Nullable String last;
    private volatile boolean unreadable;

    private ConsulToken(@Nullable Path file, @Nullable String last) {
        this.file = file;
        this.last = last;
    }

    /** The token of this file, or when it is null of the environment: its file first, as Consul's own client. */
    static ConsulToken of(@Nullable String file, Map<String, String> environment) {
        if (file != null) {
            return new ConsulToken(Path.of(file), null);
        }
        String named = environment.get(FILE_VARIABLE);
        if (named != null && !named.isBlank()) {
            return new ConsulToken(Path.of(named), null);
        }
        String token = environment.get(VARIABLE);
        return new ConsulToken(null, token == null || token.isBlank() ? null : token.strip());
    }

    /** The token now; null when there is none. */
    @Nullable
    String current() {
        if (file == null) {
            return last;
        }
        try {
            String read = Files.readString(file).strip();
            last = read.isEmpty() ? null : read;
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                unreadable = true;
                LOG.warn("consul: token file {} cannot be read ({}), the last token stays", file, FailureText.of(e));
            }
        }
        return last;
    }
}
