package weir.config;

import org.jspecify.annotations.Nullable;

/** Says why a text is not a value of its type; {@link TextType} turns it into a {@link Problem}. */
final class InvalidText extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;
    private final @Nullable String expected;
    private final @Nullable String suggestion;

    /**
     * @param detail more than the text itself; empty when the text speaks for itself
     * @param expected null for what the type says of itself
     */
    InvalidText(String detail, @Nullable String expected, @Nullable String suggestion) {
        super(detail, null, false, false);
        this.detail = detail;
        this.expected = expected;
        this.suggestion = suggestion;
    }

    static InvalidText plain() {
        return new InvalidText("", null, null);
    }

    static InvalidText meaning(@Nullable String suggestion) {
        return new InvalidText("", null, suggestion);
    }

    static InvalidText because(String detail) {
        return new InvalidText(detail, null, null);
    }

    String detail() {
        return detail;
    }

    @Nullable
    String expected() {
        return expected;
    }

    @Nullable
    String suggestion() {
        return suggestion;
    }
}
