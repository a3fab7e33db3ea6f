/**
 * Control plane: the admin HTTP API and the Prometheus text, on a thread of its own.
 */
@NullMarked
package weir.admin;

import org.jspecify.annotations.NullMarked;
