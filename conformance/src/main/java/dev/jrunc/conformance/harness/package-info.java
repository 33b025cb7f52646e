/** Runs programs, makes bundles, and sees what they leave behind. */
@NullMarked
package dev.jrunc.conformance.harness;

import org.jspecify.annotations.NullMarked;
