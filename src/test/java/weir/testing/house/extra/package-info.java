/** Breaks a rule on purpose: no nullness is marked. */
package weir.testing.house.extra;
