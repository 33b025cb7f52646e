/** jrunc: a low-level OCI container runtime. */
@NullMarked
package dev.jrunc.runtime;

import org.jspecify.annotations.NullMarked;
