/** Tests of what no single package can promise. */
@NullMarked
package weir;

import org.jspecify.annotations.NullMarked;
