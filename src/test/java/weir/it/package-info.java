/** Black-box tests: the real processes, started from the packaged jars. */
@NullMarked
package weir.it;

import org.jspecify.annotations.NullMarked;
