/** Fixtures of the tests. */
@NullMarked
package weir.testing;

import org.jspecify.annotations.NullMarked;
