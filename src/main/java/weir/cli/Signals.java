package weir.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Catches the signals of the operating system, such as {@code HUP}. Thread-safe.
 *
 * <p>Java has no API for this but {@code sun.misc.Signal} of the module {@code jdk.unsupported}, which every JDK
 * exports and the compiler warns of in a way that no option silences. This is the one class that reaches it, and does
 * so by name.
 */
public final class Signals {
    private Signals() {}

    /**
     * Runs {@code action} whenever the process receives the signal, in place of what the signal did before: {@code
     * TERM} no longer ends the JVM. Each time is a new thread of the JVM, so actions may block and may overlap.
     *
     * @param name the signal without its prefix: {@code HUP}, {@code TERM}, {@code INT}, {@code USR1}
     * @throws IllegalArgumentException when there is no such signal, or the JVM keeps it for itself
     */
    public static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object caller = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (proxy, method, arguments) -> call(proxy, method, arguments, action));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), caller);
        } catch (InvocationTargetException refused) {
            throw new IllegalArgumentException(refused.getCause().getMessage(), refused.getCause());
        } catch (ReflectiveOperationException absent) {
            throw new IllegalStateException("this Java has no sun.misc.Signal", absent);
        }
    }

    /** Sends this process a signal. */
    public static void raise(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            signal.getMethod("raise", signal)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name));
        } catch (ReflectiveOperationException absent) {
            throw new IllegalStateException("this Java has no sun.misc.Signal", absent);
        }
    }

    private static Object call(Object proxy, Method method, Object[] arguments, Runnable action) {
        return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> action.toString();
            default -> {
                action.run();
                yield Void.TYPE;
            }
        };
    }
}
