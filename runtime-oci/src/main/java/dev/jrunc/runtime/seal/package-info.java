/**
 * Keeps a container from overwriting this program (CVE-2019-5736): while jrunc becomes the
 * container's first process, {@code /proc/PID/exe} in the container leads to the file it was
 * started from. Start at {@link dev.jrunc.runtime.seal.BinarySeal}, before anything else.
 */
@NullMarked
package dev.jrunc.runtime.seal;

import org.jspecify.annotations.NullMarked;
