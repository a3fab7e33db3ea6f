package weir.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * A class of tests that share a {@link WeirProcess}, taken by the constructor: all of them run with one event loop, and
 * then again with two. The process is closed behind each run, which fails it when a buffer leaked.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@ArgumentsSource(WeirProcesses.class)
public @interface WithWeir {}
