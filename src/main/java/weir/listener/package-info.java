/**
 * Data plane: accepting sockets, transports and channel pipelines.
 */
@NullMarked
package weir.listener;

import org.jspecify.annotations.NullMarked;
