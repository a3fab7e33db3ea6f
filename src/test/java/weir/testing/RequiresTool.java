package weir.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Names the programs a test runs. Where one is not on the PATH the test is skipped and the run ends with a line that
 * names program and test; with {@code CI=true} in the environment the test fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ToolCondition.class)
public @interface RequiresTool {
    /** The programs, by the name of their files: {@code curl}. */
    String[] value();
}
