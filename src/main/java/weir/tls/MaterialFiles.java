package weir.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import weir.config.ConfiguredFile;
import weir.config.FailureText;

/**
 * Reads the files of TLS, each once, and remembers what they held, so that it can be told later whether anything
 * changed. Confined to the thread that reads.
 */
public final class MaterialFiles {
    private static final int MOST_BYTES = 4 * 1024 * 1024;

    private final Map<String, byte[]> contents = new HashMap<>();
    private final TreeMap<String, String> hashes = new TreeMap<>();

    /** The bytes of a file. */
    public byte[] read(ConfiguredFile file) throws BadMaterial {
        byte[] known = contents.get(file.path());
        if (known != null) {
            return known;
        }
        byte[] bytes;
        try (var in = Files.newInputStream(Path.of(file.path()))) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new BadMaterial(file, reason(e), "a file that can be read");
        }
        if (bytes.length > MOST_BYTES) {
            throw new BadMaterial(file, "too large", "at most 4 MiB");
        }
        contents.put(file.path(), bytes);
        hashes.put(file.path(), hash(bytes));
        return bytes;
    }

    /** The file as PEM. */
    public PemFile pem(ConfiguredFile file) throws BadMaterial {
        return PemFile.of(file, read(file));
    }

    /** Says what was read: the same text for the same files with the same bytes. */
    public String fingerprint() {
        return hashes.toString();
    }

    static String reason(IOException e) {
        return FailureText.of(e);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
