package weir.testing;

import java.io.IOException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link RequiresConsul}. */
final class ConsulCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        try {
            return ConditionEvaluationResult.enabled(ConsulProgram.find().toString());
        } catch (IOException e) {
            String reason = ToolCondition.MISSING + "consul (" + e.getMessage() + ")";
            String ci = context.getConfigurationParameter(ToolCondition.CI_PARAMETER)
                    .orElse(System.getenv("CI"));
            if ("true".equals(ci)) {
                throw new IllegalStateException(reason + " (with CI=true every tool must be there)", e);
            }
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
