/**
 * Data plane: the route table and its matchers. Tables are immutable; a reload publishes a new one.
 */
@NullMarked
package weir.route;

import org.jspecify.annotations.NullMarked;
