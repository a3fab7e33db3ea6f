package weir;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the code to the layout, and the rules to their word: a small copy of the house breaks every one of them. */
final class ArchitectureTest {
    private static final String COPY = "weir.testing.house";

    @TestFactory
    Stream<DynamicTest> theCodeKeeps() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("weir");
        assertTrue(classes.contain(Main.class));
        return new ArchitectureRules("weir")
                .all().stream().map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(classes)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Method <weir.testing.house.config.Limits.of(weir.testing.house.service.BackendManager)>",
                "Class <weir.testing.house.extra.Unknown> does not reside in any package",
                "Cycle detected: Slice config",
                "Field <weir.testing.house.config.Limits.buffer> has type <io.netty.buffer.ByteBuf>",
                "Field <weir.testing.house.http.Head.future> has type <io.netty.channel.ChannelFuture>",
                "Field <weir.testing.house.proxy.Exchange.channel> has type <io.netty.channel.Channel>",
                "Class <weir.testing.house.service.ConsulCatalog> does not reside in any package",
                "gets field <java.lang.System.out>",
                "weir.testing.house.config.Limits is open to inheritance",
                "weir.testing.house.service.BackendManager> has simple name ending with 'Manager'",
                "weir.testing.house.extra has no @NullMarked package-info",
            })
    void theRulesCatch(String violation) {
        JavaClasses classes = new ClassFileImporter().importPackages(COPY);
        List<ArchRule> rules = new ArchitectureRules(COPY).all();
        List<String> found = rules.stream()
                .flatMap(rule -> rule.evaluate(classes).getFailureReport().getDetails().stream())
                .toList();
        assertTrue(found.stream().anyMatch(line -> line.contains(violation)), () -> String.join("\n", found));
    }
}
