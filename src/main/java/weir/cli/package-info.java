/**
 * The commands of the command line.
 */
@NullMarked
package weir.cli;

import org.jspecify.annotations.NullMarked;
