/**
 * The composition root: the only package that knows all others.
 */
@NullMarked
package weir;

import org.jspecify.annotations.NullMarked;
