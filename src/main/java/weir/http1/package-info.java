/**
 * Data plane: the strict HTTP/1.1 parser and writer, and the channel handlers of both sides.
 * Confined to one event loop.
 */
@NullMarked
package weir.http1;

import org.jspecify.annotations.NullMarked;
