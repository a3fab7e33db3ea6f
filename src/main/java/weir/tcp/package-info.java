/**
 * Data plane: TCP sessions, whose bytes are passed on as they are. Called by {@code listener}. Confined to one event
 * loop.
 */
@NullMarked
package weir.tcp;

import org.jspecify.annotations.NullMarked;
