package dev.jrunc.runtime.cli;

import java.util.List;

/** Help texts, made from the command table. */
final class Help {
  private Help() {}

  static String all() {
    StringBuilder text = new StringBuilder();
    text.append("NAME:\n   jrunc - Open Container Initiative runtime\n\n");
    text.append("USAGE:\n   jrunc [global options] command [command options] [arguments...]\n\n");
    text.append("COMMANDS:\n");
    for (String name : CommandTable.NAMES) {
      Command command = CommandTable.find(name);
      if (command != null) {
        row(text, name, command.text());
      }
    }
    text.append("\nGLOBAL OPTIONS:\n");
    options(text, CommandTable.globals());
    text.append("\nEXAMPLES:\n   jrunc spec && jrunc run web\n   jrunc list\n");
    return text.toString();
  }

  static String of(Command command) {
    StringBuilder text = new StringBuilder();
    text.append("NAME:\n   jrunc ").append(command.name()).append(" - ").append(command.text());
    text.append("\n\nUSAGE:\n   jrunc ").append(command.name()).append(" [command options] ");
    text.append(command.arguments()).append('\n');
    if (!command.options().isEmpty()) {
      text.append("\nOPTIONS:\n");
      options(text, command.options());
    }
    if (!command.example().isEmpty()) {
      text.append("\nEXAMPLE:\n   ").append(command.example()).append('\n');
    }
    return text.toString();
  }

  private static void options(StringBuilder text, List<Option> options) {
    for (Option option : options) {
      String letter = option.letter() == ' ' ? "" : ", -" + option.letter();
      String value = option.isSwitch() ? "" : " " + option.argument();
      row(text, "--" + option.name() + value + letter, option.text());
    }
  }

  private static void row(StringBuilder text, String name, String description) {
    text.append("   ").append(name);
    for (int i = name.length(); i < 28; i++) {
      text.append(' ');
    }
    text.append(' ').append(description).append('\n');
  }
}
