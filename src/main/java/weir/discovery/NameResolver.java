package weir.discovery;

import java.util.function.Consumer;

/** Finds the addresses of host names. Thread-safe. */
public interface NameResolver {
    /** Resolves a name and hands over what came of it, once, on any thread. */
    void resolve(String host, Consumer<Resolution> done);
}
