/**
 * The command line of jimage. {@link dev.jrunc.image.cli.JimageCommand} is the entry; the commands
 * hold no logic of their own.
 */
@NullMarked
package dev.jrunc.image.cli;

import org.jspecify.annotations.NullMarked;
