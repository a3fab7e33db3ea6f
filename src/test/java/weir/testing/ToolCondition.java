package weir.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link RequiresTool}. */
final class ToolCondition implements ExecutionCondition {
    /** What the reason of such a skip begins with. */
    static final String MISSING = "missing on this machine: ";

    /** Configuration parameter that stands in for the environment's {@code CI}. */
    static final String CI_PARAMETER = "weir.ci";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<RequiresTool> required = AnnotationSupport.findAnnotation(context.getElement(), RequiresTool.class);
        List<String> missing = required.stream()
                .flatMap(annotation -> Arrays.stream(annotation.value()))
                .filter(tool -> !present(tool))
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("nothing is missing");
        }
        String reason = MISSING + String.join(", ", missing);
        String ci = context.getConfigurationParameter(CI_PARAMETER).orElse(System.getenv("CI"));
        if ("true".equals(ci)) {
            throw new IllegalStateException(reason + " (with CI=true every tool must be there)");
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    private static boolean present(String tool) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }
}
