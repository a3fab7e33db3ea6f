/** Tests of discovery. */
@NullMarked
package weir.discovery;

import org.jspecify.annotations.NullMarked;
