/**
 * Linux system calls, typed. {@link dev.jrunc.kernel.Linux} is the way in; below it stands a {@link
 * dev.jrunc.kernel.Gate} with two backends, {@code teavm} in the native executable and {@code jnr}
 * on the JVM. The package knows nothing of containers and never decides policy.
 */
@NullMarked
package dev.jrunc.kernel;

import org.jspecify.annotations.NullMarked;
