/** Breaks rules of the architecture on purpose. */
@NullMarked
package weir.testing.house.service;

import org.jspecify.annotations.NullMarked;
