package weir.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.FailureText;

/**
 * The token of the admin API (RFC 6750, bearer). The small file is read at every look, so that a new token is in force
 * at once and a deleted one is out of it. Thread-safe.
 */
final class TokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final String SCHEME = "Bearer ";

    private final Path file;

    TokenFile(Path file) {
        this.file = file;
    }

    /**
     * Says early what would otherwise be found out by the first operator in need.
     *
     * @throws IOException when there is no token to read, with a message for people
     */
    void check() throws IOException {
        try {
            read();
        } catch (IOException e) {
            throw new IOException("admin.token-file " + file + ": " + FailureText.of(e), e);
        }
    }

    /** Whether this Authorization field shows the token; compared in constant time. */
    boolean accepts(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] shown = authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
        try {
            return MessageDigest.isEqual(read(), shown);
        } catch (IOException e) {
            LOG.warn("admin.token-file {}: {}; requests that need the token are refused", file, FailureText.of(e));
            return false;
        }
    }

    private byte[] read() throws IOException {
        byte[] token =
                Files.readString(file, StandardCharsets.ISO_8859_1).strip().getBytes(StandardCharsets.ISO_8859_1);
        if (token.length == 0) {
            throw new IOException("is empty (expected: a token)");
        }
        return token;
    }
}
