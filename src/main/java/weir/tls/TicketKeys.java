package weir.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import weir.config.ConfiguredFile;

/**
 * Keys of session tickets (RFC 5077 section 4): the first encrypts, all decrypt. Immutable.
 *
 * <p>A file is as nginx has it: 48 bytes are a name of 16, an AES key of 16 and a MAC key of 16; 80 bytes are a name of
 * 16, a MAC key of 32 and an AES key of 32, of which BoringSSL's interface takes the first 16 of each.
 */
public record TicketKeys(List<OpenSslSessionTicketKey> keys) {
    private static final int NAME = OpenSslSessionTicketKey.NAME_SIZE;
    private static final int KEY = OpenSslSessionTicketKey.AES_KEY_SIZE;
    private static final int SHORT = 48;
    private static final int LONG = 80;
    private static final int MOST = 64;

    /** How many keys of its own a process has: the one that encrypts and those before it. */
    private static final int OWN = 3;

    public TicketKeys {
        keys = List.copyOf(keys);
    }

    /**
     * Reads every file of a directory whose name does not begin with a dot; the last by name is the first key.
     *
     * @throws BadMaterial if there is none, or one is no key
     */
    static TicketKeys read(ConfiguredFile directory, MaterialFiles files) throws BadMaterial {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory.path()))) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)
                        && !entry.getFileName().toString().startsWith(".")) {
                    paths.add(entry);
                }
            }
        } catch (IOException e) {
            throw new BadMaterial(directory, MaterialFiles.reason(e), "a directory of ticket keys");
        }
        if (paths.isEmpty() || paths.size() > MOST) {
            throw new BadMaterial(directory, paths.size() + " ticket keys in it", "from 1 to " + MOST);
        }
        paths.sort(Comparator.comparing((Path path) -> path.getFileName().toString())
                .reversed());
        List<OpenSslSessionTicketKey> keys = new ArrayList<>();
        for (Path path : paths) {
            ConfiguredFile file = new ConfiguredFile(path.toString(), directory.at());
            keys.add(key(file, files.read(file)));
        }
        return new TicketKeys(keys);
    }

    private static OpenSslSessionTicketKey key(ConfiguredFile file, byte[] bytes) throws BadMaterial {
        byte[] name = Arrays.copyOf(bytes, NAME);
        return switch (bytes.length) {
            case SHORT ->
                new OpenSslSessionTicketKey(
                        name,
                        Arrays.copyOfRange(bytes, NAME + KEY, NAME + 2 * KEY),
                        Arrays.copyOfRange(bytes, NAME, NAME + KEY));
            case LONG ->
                new OpenSslSessionTicketKey(
                        name,
                        Arrays.copyOfRange(bytes, NAME, NAME + KEY),
                        Arrays.copyOfRange(bytes, NAME + 2 * KEY, NAME + 3 * KEY));
            default -> throw new BadMaterial(file, bytes.length + " bytes", "a ticket key of 48 or 80 bytes");
        };
    }

    /** A first key of the process's own. */
    static TicketKeys random(SecureRandom random) {
        return new TicketKeys(List.of(randomKey(random)));
    }

    /** A new first key; the last ones stay for as long as their tickets may come. */
    TicketKeys rotated(SecureRandom random) {
        List<OpenSslSessionTicketKey> next = new ArrayList<>(List.of(randomKey(random)));
        next.addAll(keys.subList(0, Math.min(keys.size(), OWN - 1)));
        return new TicketKeys(next);
    }

    private static OpenSslSessionTicketKey randomKey(SecureRandom random) {
        byte[] name = new byte[NAME];
        byte[] mac = new byte[OpenSslSessionTicketKey.HMAC_KEY_SIZE];
        byte[] aes = new byte[KEY];
        random.nextBytes(name);
        random.nextBytes(mac);
        random.nextBytes(aes);
        return new OpenSslSessionTicketKey(name, mac, aes);
    }

    OpenSslSessionTicketKey[] array() {
        return keys.toArray(new OpenSslSessionTicketKey[0]);
    }
}
