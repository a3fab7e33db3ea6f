package weir.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** One of a few words. */
final class Choices {
    private Choices() {}

    /**
     * The constants of an enumeration, written in lower case with hyphens.
     *
     * @param notYet words that the design names and nothing implements yet
     */
    static <E extends Enum<E>> TextType<E> of(String name, Class<E> type, String... notYet) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            words.put(word(constant), constant);
        }
        return of(name, words, notYet);
    }

    static <T> TextType<T> of(String name, Map<String, T> words, String... notYet) {
        List<String> known = new ArrayList<>(words.keySet());
        Set<String> later = Set.of(notYet);
        return TextType.of(
                name,
                Problem.oneOf(known),
                text -> {
                    T value = words.get(text);
                    if (value == null) {
                        throw later.contains(text)
                                ? InvalidText.because("not supported yet")
                                : InvalidText.meaning(Suggestion.nearest(text, known));
                    }
                    return value;
                },
                value -> words.entrySet().stream()
                        .filter(word -> word.getValue().equals(value))
                        .findFirst()
                        .orElseThrow()
                        .getKey(),
                Map.of("enum", known));
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
