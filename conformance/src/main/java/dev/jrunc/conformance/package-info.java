/** Black-box suites for any OCI runtime. */
@NullMarked
package dev.jrunc.conformance;

import org.jspecify.annotations.NullMarked;
