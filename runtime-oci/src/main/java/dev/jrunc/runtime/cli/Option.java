package dev.jrunc.runtime.cli;

/**
 * A flag of the command line.
 *
 * @param name without dashes
 * @param letter the short form, a space if there is none
 * @param argument what its value is called, empty for a switch
 * @param text what it does
 */
record Option(String name, char letter, String argument, String text) {

  boolean isSwitch() {
    return argument.isEmpty();
  }

  static Option of(String name, String argument, String text) {
    return new Option(name, ' ', argument, text);
  }

  static Option of(String name, char letter, String argument, String text) {
    return new Option(name, letter, argument, text);
  }
}
