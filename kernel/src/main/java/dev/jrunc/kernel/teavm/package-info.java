/** The gate in the native executable: {@link dev.jrunc.kernel.teavm.NativeGate}. For jrunc. */
@NullMarked
package dev.jrunc.kernel.teavm;

import org.jspecify.annotations.NullMarked;
