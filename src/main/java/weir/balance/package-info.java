/**
 * One class per balancing policy. Pickers are immutable and rebuilt on the control thread when a backend comes,
 * goes or flips; picks run on every event loop.
 */
@NullMarked
package weir.balance;

import org.jspecify.annotations.NullMarked;
