/**
 * The life of a container: one class for each command that changes it. {@link
 * dev.jrunc.runtime.container.Creation} is the one to read first. Commands take requests that the
 * command line has parsed, and raise {@link dev.jrunc.runtime.error.Failure}; they print nothing.
 */
@NullMarked
package dev.jrunc.runtime.container;

import org.jspecify.annotations.NullMarked;
