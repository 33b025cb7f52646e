/**
 * A second program beside jrunc, compiled the same way: {@link dev.jrunc.runtime.nativetest.Main}
 * holds a case for each way in which the executable's Java differs from a JVM's, and for the
 * process tricks that no JVM can do. `make test-native` builds and runs it; nothing of it is in
 * jrunc.
 */
@NullMarked
package dev.jrunc.runtime.nativetest;

import org.jspecify.annotations.NullMarked;
