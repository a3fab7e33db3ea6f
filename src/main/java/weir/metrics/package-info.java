/**
 * Leaf: counters and histograms that are cheap on the path of a request, kept in a Dropwizard registry.
 */
@NullMarked
package weir.metrics;

import org.jspecify.annotations.NullMarked;
