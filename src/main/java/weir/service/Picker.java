package weir.service;

import org.jspecify.annotations.Nullable;

/** Picks a backend for one attempt. Thread-safe; called on every event loop; allocates nothing. */
public interface Picker {
    /** A backend that is none of the first {@code n} of {@code tried}; null when there is none. */
    @Nullable
    Backend pick(Backend[] tried, int n);
}
