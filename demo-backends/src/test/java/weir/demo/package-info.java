/** Tests of the demo backends, over real sockets on free ports. */
@NullMarked
package weir.demo;

import org.jspecify.annotations.NullMarked;
