@NullMarked
package weir.tls;

import org.jspecify.annotations.NullMarked;
