/**
 * Data plane: heads and fields as bytes, and the streams that every HTTP version gives to the proxy.
 * Confined to one event loop unless a class says otherwise.
 */
@NullMarked
package weir.http;

import org.jspecify.annotations.NullMarked;
