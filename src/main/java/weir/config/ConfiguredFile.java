package weir.config;

/**
 * A file or directory that the configuration names. Immutable.
 *
 * @param path absolute, or relative to the working directory
 * @param at where the configuration names it, for what is found wrong when it is read
 */
public record ConfiguredFile(String path, Location at) {
    @Override
    public String toString() {
        return path;
    }
}
