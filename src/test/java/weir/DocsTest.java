package weir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ConfigurationReader;
import weir.config.Reading;
import weir.http.MessageError;
import weir.proxy.ProxyError;

/** What the README and the pages of {@code docs/} say of the code, where that is cheap to compare. */
final class DocsTest {
    private static final Path README = Path.of("README.md");
    private static final Path DOCS = Path.of("docs");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern COMMAND =
            Pattern.compile("(?:weir\\.jar|bin/weir|`weir|\\$ weir) ([a-z-]+)(?= |`|$)", Pattern.MULTILINE);
    private static final Pattern YAML = Pattern.compile("^```yaml\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void everyCodeOfTheLogIsExplained() throws IOException {
        String pages = Files.readString(DOCS.resolve("http.md")) + Files.readString(DOCS.resolve("proxying.md"));
        Set<String> codes = new TreeSet<>();
        for (MessageError error : MessageError.values()) {
            codes.add(error.code());
        }
        // The first stands for a MessageError, which names itself; the others end an attempt, never a request.
        for (ProxyError error :
                EnumSet.complementOf(EnumSet.of(ProxyError.BAD_MESSAGE, ProxyError.STATUS, ProxyError.GRPC_STATUS))) {
            codes.add(error.code());
        }
        codes.removeIf(code -> pages.contains("`" + code + "`"));
        assertEquals(Set.of(), codes);
    }

    @Test
    void statusesOfRefusedRequestsAreTrue() throws IOException {
        List<String> rows = Files.readAllLines(DOCS.resolve("http.md"));
        for (MessageError error : EnumSet.complementOf(EnumSet.of(MessageError.STATUS_LINE, MessageError.INTERNAL))) {
            String row = "| `" + error.code() + "` | " + error.status() + " | ";
            assertTrue(rows.stream().anyMatch(line -> line.startsWith(row)), row);
        }
    }

    @Test
    void relativeLinksLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                Path target = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                if (!Files.exists(target) || !hasHeading(target, link.group(2))) {
                    broken.add(page + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        String index = Files.readString(DOCS.resolve("README.md"));
        for (Path page : pages()) {
            if (!page.endsWith("README.md")) {
                assertTrue(index.contains("](" + page.getFileName() + ")"), page.toString());
            }
        }
    }

    @Test
    void commandsExistAndAreListed() throws IOException {
        Set<String> known = new TreeSet<>(Main.commandLine().getSubcommands().keySet());
        Set<String> listed = new TreeSet<>(known);
        listed.removeIf(name -> Main.commandLine()
                .getSubcommands()
                .get(name)
                .getCommandSpec()
                .usageMessage()
                .hidden());
        Set<String> inReadme = commandsIn(README);
        assertEquals(listed, inReadme);
        for (Path page : pages()) {
            Set<String> named = commandsIn(page);
            named.removeAll(known);
            assertEquals(Set.of(), named, page.toString());
        }
    }

    @Test
    void theExampleOfTheReadmeIsGood(@TempDir Path directory) throws IOException {
        List<MatchResult> examples =
                YAML.matcher(Files.readString(README)).results().toList();
        assertFalse(examples.isEmpty());
        for (MatchResult example : examples) {
            Reading reading = ConfigurationReader.read("README.md", example.group(1), directory, Map.of());
            assertEquals(List.of(), reading.problems());
        }
    }

    private static Set<String> commandsIn(Path page) throws IOException {
        Set<String> commands = new TreeSet<>();
        COMMAND.matcher(Files.readString(page)).results().forEach(found -> commands.add(found.group(1)));
        return commands;
    }

    private static boolean hasHeading(Path page, String anchor) throws IOException {
        return anchor == null
                || Files.readAllLines(page).stream()
                        .filter(line -> line.startsWith("#"))
                        .map(line ->
                                line.replaceAll("[^A-Za-z0-9 -]", "").strip().replace(' ', '-'))
                        .anyMatch(anchor::equalsIgnoreCase);
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(DOCS)) {
            return Stream.concat(
                            Stream.of(README),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }
}
