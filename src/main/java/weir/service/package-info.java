/**
 * Services, their backends and the policies that pick them: what control plane and data plane share.
 */
@NullMarked
package weir.service;

import org.jspecify.annotations.NullMarked;
