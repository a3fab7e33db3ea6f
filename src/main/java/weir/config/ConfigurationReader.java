package weir.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a configuration from YAML. Whatever the text, what is wrong comes back as {@link Problem}s, all at once;
 * only a file that cannot be read at all is an exception. Thread-safe.
 */
public final class ConfigurationReader {
    private static final int MOST_BYTES = 8 * 1024 * 1024;

    private ConfigurationReader() {}

    /**
     * Reads a file; relative paths in it start at its directory.
     *
     * @param environment where {@code ${NAME}} is looked up
     * @throws IOException if the file cannot be read
     */
    public static Reading read(Path file, Map<String, String> environment) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Source source = new Source(file.toString(), directory == null ? file.toAbsolutePath() : directory, environment);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        }
        return bytes.length > MOST_BYTES ? tooLarge(source) : read(decode(bytes, source), source);
    }

    /**
     * Reads a text.
     *
     * @param name what locations call the text
     * @param baseDirectory where relative paths start
     * @param environment where {@code ${NAME}} is looked up
     */
    public static Reading read(String name, String text, Path baseDirectory, Map<String, String> environment) {
        Source source = new Source(name, baseDirectory, environment);
        return text.length() > MOST_BYTES ? tooLarge(source) : read(text, source);
    }

    private static Reading tooLarge(Source source) {
        source.problem(source.at(1, 1), "file too large", "at most 8 MiB", null);
        return new Reading(null, source.problems());
    }

    /** Decodes UTF-8. Bytes that are not leave a problem with the source and a replacement in the text. */
    private static String decode(byte[] bytes, Source source) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            String before = out.flip().toString();
            int lineStart = before.lastIndexOf('\n') + 1;
            source.problem(
                    source.at(
                            (int) before.chars().filter(c -> c == '\n').count() + 1,
                            before.codePointCount(lineStart, before.length()) + 1),
                    String.format("byte 0x%02x", in.get() & 0xff),
                    "UTF-8 text",
                    null);
            return "";
        }
        return out.flip().toString();
    }

    private static Reading read(String text, Source source) {
        Node root = null;
        if (source.problems().isEmpty()) {
            root = YamlText.compose(text, source);
        }
        List<Problem> problems = source.problems();
        if (!problems.isEmpty()) {
            return new Reading(null, problems);
        }
        Node written = root != null ? root : new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK);
        Configuration configuration = ConfigurationShape.CONFIGURATION.read(written, "configuration", source);
        problems = source.problems();
        return new Reading(problems.isEmpty() ? configuration : null, problems);
    }
}
