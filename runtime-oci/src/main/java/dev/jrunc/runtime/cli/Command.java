package dev.jrunc.runtime.cli;

import java.util.List;

/**
 * A command.
 *
 * @param arguments as shown after the options
 * @param least how many positional arguments there must be
 * @param most how many there may be, -1 for any number
 * @param options flags of this command
 * @param example a line worth trying
 */
record Command(
    String name,
    String arguments,
    int least,
    int most,
    String text,
    List<Option> options,
    String example) {}
