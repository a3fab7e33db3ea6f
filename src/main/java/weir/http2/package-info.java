/**
 * Data plane: HTTP/2 (RFC 9113) and its header compression (RFC 7541) on frames and streams of our own, so that flow
 * control, limits and errors are exactly ours, and no object is made per frame. Confined to one event loop.
 */
@NullMarked
package weir.http2;

import org.jspecify.annotations.NullMarked;
