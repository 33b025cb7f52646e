/**
 * What goes wrong, as data: {@link dev.jrunc.runtime.error.Failure} is the one exception that
 * reaches a user. It decides nothing about exit codes or log formats; the command line does.
 */
@NullMarked
package dev.jrunc.runtime.error;

import org.jspecify.annotations.NullMarked;
