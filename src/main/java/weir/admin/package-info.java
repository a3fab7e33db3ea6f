/**
 * Control plane: the admin HTTP API and the Prometheus text, on an event loop of its own. It shows snapshots; what
 * changes something runs on the control executor. What other packages have to offer it is handed in as views.
 */
@NullMarked
package weir.admin;

import org.jspecify.annotations.NullMarked;
