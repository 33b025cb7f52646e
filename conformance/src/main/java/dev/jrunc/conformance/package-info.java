/**
 * Black-box suites for any OCI runtime and for jimage, the demo, and the benchmark. The package
 * knows programs only by their command lines: {@link dev.jrunc.conformance.Main} is the way in.
 */
@NullMarked
package dev.jrunc.conformance;

import org.jspecify.annotations.NullMarked;
