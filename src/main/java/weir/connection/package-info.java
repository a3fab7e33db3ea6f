/**
 * Data plane: the pool of backend connections of each event loop. Confined to one event loop.
 */
@NullMarked
package weir.connection;

import org.jspecify.annotations.NullMarked;
