/** The cases: each names what it checks, and runs against any runtime. */
@NullMarked
package dev.jrunc.conformance.cases;

import org.jspecify.annotations.NullMarked;
