package weir.config;

import org.jspecify.annotations.Nullable;

/**
 * A key of a mapping. Immutable.
 *
 * @param missing what a key that is not written stands for; null for nothing
 * @param required it must be written; with a default, the mapping is checked further without it
 * @param meaning one sentence for the schema
 */
record Key<T>(String name, Type<T> type, @Nullable T missing, boolean required, String meaning) {
    static <T> Key<T> required(String name, Type<T> type, String meaning) {
        return new Key<>(name, type, null, true, meaning);
    }

    static <T> Key<T> required(String name, Type<T> type, T meanwhile, String meaning) {
        return new Key<>(name, type, meanwhile, true, meaning);
    }

    /** A key that may be left out or be {@code null}. */
    static <T> Key<T> optional(String name, Type<T> type, String meaning) {
        return new Key<>(name, type, null, false, meaning);
    }

    static <T> Key<T> of(String name, Type<T> type, T missing, String meaning) {
        return new Key<>(name, type, missing, false, meaning);
    }

    boolean nullable() {
        return !required && missing == null;
    }
}
