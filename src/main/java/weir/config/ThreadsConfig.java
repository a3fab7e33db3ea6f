package weir.config;

/**
 * How many event loops run. Immutable.
 *
 * @param count event loops; 0 stands for {@code auto}, one per core
 */
public record ThreadsConfig(int count) {
    public static final ThreadsConfig AUTO = new ThreadsConfig(0);
}
