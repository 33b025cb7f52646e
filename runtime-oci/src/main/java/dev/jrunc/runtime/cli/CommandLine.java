package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes a command line apart as Go's runtimes do: global flags before the command, {@code --flag
 * value}, {@code --flag=value}, one dash or two for any flag, {@code --} ends the flags. After the
 * container of {@code exec} come no flags of ours.
 */
final class CommandLine {
  /** Where flags end before the line does. */
  private enum Stop {
    NEVER,
    BEFORE_COMMAND,
    AT_ARGUMENT
  }

  private final List<String> words;
  private int next;

  private CommandLine(List<String> words) {
    this.words = words;
  }

  static ParsedCommand parse(List<String> words) {
    return new CommandLine(words).parse();
  }

  private ParsedCommand parse() {
    Map<String, List<String>> globals = new LinkedHashMap<>();
    List<String> none = new ArrayList<>();
    flags(CommandTable.globals(), globals, none, Stop.BEFORE_COMMAND);
    if (none.isEmpty()) {
      return new ParsedCommand(null, globals, Map.of(), List.of());
    }
    String name = none.get(0);
    Command command = CommandTable.find(name);
    if (command == null || CommandTable.isPlanned(name)) {
      // runc's tests want help of every command. podman, which takes that for a promise, is refused
      // by
      // the command itself.
      if (command != null && (words.contains("-h") || words.contains("--help"))) {
        return new ParsedCommand(command, globals, Map.of("help", List.of("true")), List.of());
      }
      throw unsupported(name);
    }
    Map<String, List<String>> options = new LinkedHashMap<>();
    List<String> arguments = new ArrayList<>();
    List<Option> known = new ArrayList<>(command.options());
    known.add(Option.of("help", 'h', "", ""));
    boolean foreign = name.equals("exec") || name.equals("ps");
    flags(known, options, arguments, foreign ? Stop.AT_ARGUMENT : Stop.NEVER);
    ParsedCommand parsed = new ParsedCommand(command, globals, options, arguments);
    if (!parsed.on("help")) {
      count(command, arguments);
    }
    return parsed;
  }

  private static Failure unsupported(String name) {
    return switch (name) {
      case "checkpoint", "restore" ->
          Failure.of(Failure.Code.UNSUPPORTED, name + " is not supported").build();
      default ->
          Failure.of(Failure.Code.USAGE, "No help topic for '" + name + "'")
              .hint("jrunc --help lists the commands")
              .build();
    };
  }

  // Flags and arguments may mix, unless what follows the first argument is somebody else's line.
  private void flags(
      List<Option> known, Map<String, List<String>> values, List<String> arguments, Stop stop) {
    while (next < words.size()) {
      String word = words.get(next++);
      if (word.equals("--")) {
        rest(arguments);
        return;
      }
      if (word.length() < 2 || word.charAt(0) != '-') {
        arguments.add(word);
        if (stop == Stop.BEFORE_COMMAND) {
          return;
        }
        if (stop == Stop.AT_ARGUMENT) {
          rest(arguments);
          return;
        }
        continue;
      }
      take(word, known, values);
    }
  }

  private void rest(List<String> arguments) {
    while (next < words.size()) {
      arguments.add(words.get(next++));
    }
  }

  private void take(String word, List<Option> known, Map<String, List<String>> values) {
    int start = word.startsWith("--") ? 2 : 1;
    int equals = word.indexOf('=');
    String name = word.substring(start, equals < 0 ? word.length() : equals);
    Option option = find(known, name);
    if (option == null) {
      throw usage("flag provided but not defined: -" + name);
    }
    String value = equals < 0 ? null : word.substring(equals + 1);
    if (option.isSwitch()) {
      value = value == null ? "true" : truth(value, name);
    } else if (value == null) {
      if (next == words.size()) {
        throw usage("flag needs an argument: -" + name);
      }
      value = words.get(next++);
    }
    values.computeIfAbsent(option.name(), k -> new ArrayList<>()).add(value);
  }

  // The words of Go's strconv.ParseBool.
  private static String truth(String value, String name) {
    return switch (value) {
      case "1", "t", "T", "true", "True", "TRUE" -> "true";
      case "0", "f", "F", "false", "False", "FALSE" -> "false";
      default -> throw usage("invalid boolean value \"" + value + "\" for -" + name);
    };
  }

  private static @Nullable Option find(List<Option> known, String name) {
    for (Option option : known) {
      boolean letter = name.length() == 1 && option.letter() == name.charAt(0);
      if (letter || option.name().equals(name)) {
        return option;
      }
    }
    return null;
  }

  private static void count(Command command, List<String> arguments) {
    int given = arguments.size();
    if (given < command.least()) {
      throw usage(command.name() + " requires a minimum of " + command.least() + " argument(s)");
    }
    if (command.most() >= 0 && given > command.most()) {
      throw usage(
          command.name()
              + " takes at most "
              + command.most()
              + " argument(s), and \""
              + arguments.get(command.most())
              + "\" is one more");
    }
  }

  private static Failure usage(String message) {
    return Failure.of(Failure.Code.USAGE, "Incorrect Usage. " + message)
        .hint("--help shows what there is")
        .build();
  }
}
