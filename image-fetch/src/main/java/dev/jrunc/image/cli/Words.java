package dev.jrunc.image.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options whose value is one of a few words. */
final class Words {
  private Words() {}

  static <E extends Enum<E>> E of(Class<E> type, String option, String word, CommandSpec spec) {
    for (E each : type.getEnumConstants()) {
      if (lower(each).equals(word)) {
        return each;
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants()).map(Words::lower).collect(Collectors.joining(", "));
    throw new ParameterException(
        spec.commandLine(), option + " knows no \"" + word + "\"; there are " + known);
  }

  private static String lower(Enum<?> each) {
    return each.name().toLowerCase(Locale.ROOT);
  }
}
