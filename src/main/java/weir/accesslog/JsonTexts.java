package weir.accesslog;

/**
 * The names that stand in line after line (routes, services, backends, codes) as JSON strings, escaped once. Holds so
 * many; one that finds no place takes another's. Confined to one event loop.
 */
final class JsonTexts {
    private static final int PLACES = 256;
    private static final int PROBES = 4;

    private final String[] names = new String[PLACES + PROBES];
    private final Literal[] quoted = new Literal[PLACES + PROBES];

    /** The name as a JSON string, in quotes. */
    Literal quoted(String name) {
        int hash = name.hashCode();
        int place = (hash ^ hash >>> 16) & PLACES - 1;
        for (int at = place; at < place + PROBES; at++) {
            if (name.equals(names[at])) {
                return quoted[at];
            }
        }
        return enter(name, place);
    }

    private Literal enter(String name, int place) {
        LineBuffer text = new LineBuffer(name.length() * 2 + 16, this);
        text.put('"');
        int length = text.encode(name, 0);
        JsonStyle.putEscaped(text, text.scratch(), 0, length);
        text.put('"');
        Literal made = new Literal(text.copy());
        int at = place;
        while (at < place + PROBES - 1 && names[at] != null) {
            at++;
        }
        names[at] = name;
        quoted[at] = made;
        return made;
    }
}
