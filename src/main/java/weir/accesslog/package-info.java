/**
 * Data plane: one line for each request. Lines are rendered on the event loops and written by one thread.
 */
@NullMarked
package weir.accesslog;

import org.jspecify.annotations.NullMarked;
