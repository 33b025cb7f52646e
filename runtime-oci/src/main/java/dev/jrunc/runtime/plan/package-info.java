/**
 * What will be done, as data: a {@link dev.jrunc.runtime.plan.Plan} is made from a valid config
 * before the first system call with an effect. Its order is the order of the work, and the reason
 * for a place stands beside it. The package asks the host nothing and changes nothing.
 */
@NullMarked
package dev.jrunc.runtime.plan;

import org.jspecify.annotations.NullMarked;
