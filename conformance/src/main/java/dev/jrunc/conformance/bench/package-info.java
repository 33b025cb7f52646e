/** The benchmark: a runtime beside its peers, in one run. */
@NullMarked
package dev.jrunc.conformance.bench;

import org.jspecify.annotations.NullMarked;
