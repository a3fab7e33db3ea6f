@NullMarked
package weir.loop;

import org.jspecify.annotations.NullMarked;
