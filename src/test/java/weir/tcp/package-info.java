/** Tests of the package of the same name. */
@NullMarked
package weir.tcp;

import org.jspecify.annotations.NullMarked;
