/** Weir, a reverse-proxy load balancer. Here is only the composition root; every part is a package below. */
@NullMarked
package weir;

import org.jspecify.annotations.NullMarked;
