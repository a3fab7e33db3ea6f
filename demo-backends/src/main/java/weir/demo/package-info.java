/**
 * The demo backends: <em>hello</em> and <em>sum</em>, each a process of its own that can be killed while one watches
 * what Weir does about it. Nothing of Weir itself is used here.
 */
@NullMarked
package weir.demo;

import org.jspecify.annotations.NullMarked;
