/** Breaks rules of the architecture on purpose. */
@NullMarked
package weir.testing.house.http;

import org.jspecify.annotations.NullMarked;
