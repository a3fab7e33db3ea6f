/** Tests of the package of the same name. */
@NullMarked
package weir.proxyprotocol;

import org.jspecify.annotations.NullMarked;
