/**
 * Control plane: sources of endpoints, each of which pushes whole endpoint lists to a service.
 */
@NullMarked
package weir.discovery;

import org.jspecify.annotations.NullMarked;
