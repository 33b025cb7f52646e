package dev.jrunc.image.cli;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Options and parameters, described by calls. For those that every start needs: to find annotations
 * by reflection makes the JVM write and load classes first, which takes longer than all that a
 * short command does.
 */
final class Options {
  private Options() {}

  static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show this help message and exit.")
        .build();
  }

  static OptionSpec version() {
    return OptionSpec.builder("-V", "--version")
        .versionHelp(true)
        .description("Print version information and exit.")
        .build();
  }

  static OptionSpec.Builder flag(Consumer<Boolean> to, String description, String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .setter(new To<Boolean>(value -> to.accept(Boolean.TRUE.equals(value))))
        .description(description);
  }

  /**
   * An option with a value.
   *
   * @param to may be handed null, for none
   */
  static <T> OptionSpec.Builder value(
      Class<T> type, Consumer<@Nullable T> to, String label, String description, String... names) {
    return OptionSpec.builder(names)
        .type(type)
        .setter(new To<>(to))
        .paramLabel(label)
        .description(description);
  }

  /** A word that must be there. */
  static PositionalParamSpec.Builder word(
      int index, Consumer<String> to, String label, String description) {
    return PositionalParamSpec.builder()
        .index(String.valueOf(index))
        .arity("1")
        .type(String.class)
        .setter(new To<String>(value -> to.accept(value == null ? "" : value)))
        .paramLabel(label)
        .description(description);
  }

  private record To<V>(Consumer<@Nullable V> to) implements ISetter {
    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's own words
    public <T> @Nullable T set(@Nullable T value) {
      to.accept((V) value);
      return null;
    }
  }
}
