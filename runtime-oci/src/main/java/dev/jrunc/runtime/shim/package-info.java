/** Stand-ins that TeaVM puts in place of library classes which its class library cannot carry. */
@NullMarked
package dev.jrunc.runtime.shim;

import org.jspecify.annotations.NullMarked;
