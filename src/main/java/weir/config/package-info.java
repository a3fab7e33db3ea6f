/**
 * Immutable records of the configuration, read from YAML with line numbers, defaults and validation.
 * Read on the control thread at start and at every reload; the records are used everywhere.
 */
@NullMarked
package weir.config;

import org.jspecify.annotations.NullMarked;
