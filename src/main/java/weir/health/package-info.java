/**
 * Control plane: active health checks and passive ejection, on the control event loop.
 */
@NullMarked
package weir.health;

import org.jspecify.annotations.NullMarked;
