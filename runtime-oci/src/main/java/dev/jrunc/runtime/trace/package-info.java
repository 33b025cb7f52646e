/**
 * What this process is about: {@link dev.jrunc.runtime.trace.Phase} names it for failures and,
 * where {@code --trace} is given, times it. It decides nothing.
 */
@NullMarked
package dev.jrunc.runtime.trace;

import org.jspecify.annotations.NullMarked;
