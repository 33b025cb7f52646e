/**
 * The command line: {@link dev.jrunc.runtime.cli.CommandTable} is the one table that parsing, help,
 * manual page and shell completion come from; {@link dev.jrunc.runtime.cli.Commands} does what a
 * parsed line asks for. Only this package prints, and only it knows exit codes.
 */
@NullMarked
package dev.jrunc.runtime.cli;

import org.jspecify.annotations.NullMarked;
