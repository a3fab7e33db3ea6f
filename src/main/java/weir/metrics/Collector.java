package weir.metrics;

/**
 * Gives series whose values are found when somebody looks: state that is kept elsewhere, such as that of every backend.
 * Called on the reader's thread; must be thread-safe.
 */
public interface Collector {
    /** Gives every series to the sink. */
    void collect(Sink sink);

    /** Takes one value of one series. */
    interface Sink {
        /** The value of the series with these labels: name, value, name, value. Not for histograms. */
        void sample(MetricFamily family, double value, String... labels);
    }
}
