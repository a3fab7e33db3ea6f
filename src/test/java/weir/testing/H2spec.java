package weir.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The program h2spec 2.2.0, taken out of the Maven plugin that carries it, and how it is run. Immutable. */
public final class H2spec {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final int BLOCK = 512;

    private final Path program;

    private H2spec(Path program) {
        this.program = program;
    }

    /** Unpacks the program into a directory. */
    public static H2spec in(Path directory) throws IOException {
        Path program = directory.resolve("h2spec");
        try (InputStream packed = H2spec.class.getResourceAsStream(ARCHIVE)) {
            if (packed == null) {
                throw new IOException("no " + ARCHIVE + " among the tests' dependencies");
            }
            Files.write(program, firstFile(new GZIPInputStream(packed)));
        }
        if (!program.toFile().setExecutable(true)) {
            throw new IOException(program + " cannot be made a program");
        }
        return new H2spec(program);
    }

    /** The only file of a tar archive: a header block with its size in octal digits, then its bytes. */
    private static byte[] firstFile(InputStream tar) throws IOException {
        byte[] header = tar.readNBytes(BLOCK);
        String size = new String(header, 124, 11, StandardCharsets.US_ASCII).strip();
        return tar.readNBytes(Integer.parseInt(size, 8));
    }

    /** Runs all tests in strict mode against a port of this machine, with more options. */
    public Tool.Result strict(int port, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), "--strict", "--timeout", "10", "--host", "127.0.0.1", "--port", "" + port));
        command.addAll(List.of(options));
        return Tool.run(command.toArray(String[]::new));
    }
}
