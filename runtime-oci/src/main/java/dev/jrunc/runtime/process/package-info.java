/**
 * The processes of a container: {@link dev.jrunc.runtime.process.Spawner} makes the first one,
 * {@link dev.jrunc.runtime.process.StepPerformer} is what runs in it, and the two talk over a
 * {@link dev.jrunc.runtime.process.Channel}. What is to be done comes as a plan; nothing is decided
 * here.
 */
@NullMarked
package dev.jrunc.runtime.process;

import org.jspecify.annotations.NullMarked;
