/**
 * What one event loop owns beside its clock and buffers, and what stands for all of its connections: who ends those that
 * an exception broke. Used by listeners and protocols, on the event loops.
 */
@NullMarked
package weir.loop;

import org.jspecify.annotations.NullMarked;
