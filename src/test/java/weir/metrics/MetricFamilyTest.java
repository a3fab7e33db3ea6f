package weir.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import weir.metrics.MetricFamily.Type;

/** The catalogue against the rules of Prometheus ("Metric and label naming"), and the catalogue against code and page. */
class MetricFamilyTest {
    private static final Pattern NAME = Pattern.compile("(weir|jvm|process)(_[a-z0-9]+)+");
    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9_]*");
    private static final Pattern USED = Pattern.compile("\"(weir_[a-z0-9_]+)\"");
    private static final List<String> SUFFIXES_OF_SERIES = List.of("_bucket", "_sum", "_count");
    private static final List<String> OTHER_UNITS =
            List.of("millis", "milliseconds", "_ms", "nanos", "minutes", "kilobytes", "_kb", "_mb", "percent");

    @Test
    void namesObeyTheRules() {
        Set<String> names = new HashSet<>();
        for (MetricFamily family : MetricFamily.values()) {
            String name = family.text();
            assertTrue(NAME.matcher(name).matches(), name);
            assertTrue(names.add(name), name + " twice");
            assertEquals(family.type() == Type.COUNTER, name.endsWith("_total"), name + ": counters end in _total");
            if (family.type() == Type.HISTOGRAM) {
                assertTrue(name.endsWith("_seconds"), name + ": histograms are of seconds");
            }
            assertTrue(SUFFIXES_OF_SERIES.stream().noneMatch(name::endsWith), name);
            assertTrue(OTHER_UNITS.stream().noneMatch(name::contains), name + ": base units only");
            for (String label : family.labels()) {
                assertTrue(LABEL.matcher(label).matches() && !label.equals("le"), name + " " + label);
            }
            assertTrue(family.help().endsWith(".") && !family.help().contains("\n"), name);
            assertEquals(family, MetricFamily.of(name));
        }
        assertNull(MetricFamily.of("weir_nothing"));
    }

    @Test
    void everyNameInTheSourcesIsInTheCatalogue() throws IOException {
        List<String> unknown = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Matcher m = USED.matcher(Files.readString(file));
                while (m.find()) {
                    if (MetricFamily.of(m.group(1)) == null) {
                        unknown.add(file.getFileName() + ": " + m.group(1));
                    }
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void everyFamilyStandsOnThePage() throws IOException {
        String page = Files.readString(Path.of("docs/metrics.md"));
        for (MetricFamily family : MetricFamily.values()) {
            assertNotNull(family);
            assertTrue(page.contains("`" + family.text() + "`"), family.text() + " is not in docs/metrics.md");
        }
    }
}
