/** The gate on the JVM: {@link dev.jrunc.kernel.jnr.JnrGate}, over JNR. For jimage and tests. */
@NullMarked
package dev.jrunc.kernel.jnr;

import org.jspecify.annotations.NullMarked;
