package weir.config;

/** A place in a configuration file. Immutable. Line and column count from 1; 0 when unknown. */
public record Location(String file, int line, int column) {
    public static final Location UNKNOWN = new Location("", 0, 0);

    @Override
    public String toString() {
        return file + ':' + line + ':' + column;
    }
}
