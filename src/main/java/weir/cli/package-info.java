/**
 * The command line: what {@code bin/weir COMMAND} does, and the signals a running process obeys. Called by
 * {@code Main} on the main thread.
 */
@NullMarked
package weir.cli;

import org.jspecify.annotations.NullMarked;
