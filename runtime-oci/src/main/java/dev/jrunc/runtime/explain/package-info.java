/**
 * Says in words what a {@link dev.jrunc.runtime.plan.Plan} will do, process by process and with a
 * reason for each kind of step: {@link dev.jrunc.runtime.explain.Explanation}. It performs nothing
 * and asks the host nothing.
 */
@NullMarked
package dev.jrunc.runtime.explain;

import org.jspecify.annotations.NullMarked;
