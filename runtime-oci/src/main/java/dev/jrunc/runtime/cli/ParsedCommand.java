package dev.jrunc.runtime.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command line taken apart.
 *
 * @param command null where only globals were given
 * @param globals values by name; a switch that is on has the value "true"
 * @param options values by name, in the order given
 */
record ParsedCommand(
    @Nullable Command command,
    Map<String, List<String>> globals,
    Map<String, List<String>> options,
    List<String> arguments) {

  boolean on(String name) {
    return "true".equals(value(name));
  }

  /** The last value of an option of the command, null if it was not given. */
  @Nullable String value(String name) {
    return last(options.get(name));
  }

  List<String> values(String name) {
    return options.getOrDefault(name, List.of());
  }

  @Nullable String global(String name) {
    return last(globals.get(name));
  }

  boolean globalOn(String name) {
    return "true".equals(global(name));
  }

  private static @Nullable String last(@Nullable List<String> values) {
    return values == null || values.isEmpty() ? null : values.get(values.size() - 1);
  }
}
