/** Breaks rules of the architecture on purpose. */
@NullMarked
package weir.testing.house.config;

import org.jspecify.annotations.NullMarked;
