package weir.accesslog;

/**
 * The names that stand in line after line (services, backends, codes) as JSON strings, escaped once. Never a client's text,
 * which could be chosen to collide. Grows with
 * the names there are; past {@value #MOST} places it begins anew, lest those of former configurations stay for good.
 * Confined to one event loop.
 */
final class JsonTexts {
    private static final int LEAST = 256;
    static final int MOST = 1 << 16;

    /** Name and JSON string in turn, in a place that the name's hash says or one after it; at most half full. */
    private Object[] entries = new Object[2 * LEAST];

    private int count;

    /** The name as a JSON string, in quotes. */
    Literal quoted(String name) {
        for (int at = place(name); ; at = at + 2 & entries.length - 1) {
            Object known = entries[at];
            if (known == null) {
                return enter(name);
            }
            if (name.equals(known)) {
                return (Literal) entries[at + 1];
            }
        }
    }

    int places() {
        return entries.length / 2;
    }

    private int place(String name) {
        int hash = name.hashCode() * 0x9E3779B9;
        return 2 * (hash ^ hash >>> 16) & entries.length - 1;
    }

    private Literal enter(String name) {
        if (++count > entries.length / 4) {
            grow();
        }
        Literal made = quote(name);
        put(name, made);
        return made;
    }

    static Literal quote(String name) {
        LineBuffer text = new LineBuffer(name.length() * 2 + 16);
        text.put('"');
        int length = text.encode(name, 0);
        JsonStyle.putEscaped(text, text.scratch(), 0, length);
        text.put('"');
        return new Literal(text.copy());
    }

    private void grow() {
        Object[] former = entries;
        if (former.length == 2 * MOST) {
            entries = new Object[2 * LEAST];
            count = 1;
            return;
        }
        entries = new Object[2 * former.length];
        for (int i = 0; i < former.length; i += 2) {
            if (former[i] != null) {
                put((String) former[i], former[i + 1]);
            }
        }
    }

    private void put(String name, Object made) {
        int at = place(name);
        while (entries[at] != null) {
            at = at + 2 & entries.length - 1;
        }
        entries[at] = name;
        entries[at + 1] = made;
    }
}
