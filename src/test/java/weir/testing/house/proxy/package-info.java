/** Breaks rules of the architecture on purpose. */
@NullMarked
package weir.testing.house.proxy;

import org.jspecify.annotations.NullMarked;
