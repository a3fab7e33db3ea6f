/**
 * Data plane: certificates, keys and TLS contexts. The control thread reads files and builds contexts; event loops
 * make handlers of them.
 */
@NullMarked
package weir.tls;

import org.jspecify.annotations.NullMarked;
