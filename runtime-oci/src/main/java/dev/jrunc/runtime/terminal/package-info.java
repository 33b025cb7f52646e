/**
 * Terminals of containers: {@link dev.jrunc.runtime.terminal.Console} is the container's end,
 * {@link dev.jrunc.runtime.terminal.Foreground} what a command does that stays until the program
 * ends.
 */
@NullMarked
package dev.jrunc.runtime.terminal;

import org.jspecify.annotations.NullMarked;
