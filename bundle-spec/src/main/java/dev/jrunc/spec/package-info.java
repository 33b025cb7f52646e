/** The words of an OCI bundle. */
@NullMarked
package dev.jrunc.spec;

import org.jspecify.annotations.NullMarked;
