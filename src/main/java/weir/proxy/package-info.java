/**
 * Data plane: the exchange of one request and its response, forwarding fields, retry, and the table of failures.
 * Confined to one event loop.
 */
@NullMarked
package weir.proxy;

import org.jspecify.annotations.NullMarked;
