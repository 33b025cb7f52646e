package dev.jrunc.image.cli;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.IGetter;
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
        .required(true)
        .type(String.class)
        .setter(new To<String>(value -> to.accept(value == null ? "" : value)))
        .paramLabel(label)
        .description(description);
  }

  /** A word that may be there; {@code to} is handed null where it is not. */
  static PositionalParamSpec.Builder optionalWord(
      int index, Consumer<@Nullable String> to, String label, String description) {
    return PositionalParamSpec.builder()
        .index(String.valueOf(index))
        .arity("0..1")
        .type(String.class)
        .setter(new To<>(to))
        .paramLabel(label)
        .description(description);
  }

  /** An option that can be said again and again. */
  static OptionSpec.Builder list(
      Consumer<List<String>> to, String label, String description, String... names) {
    ToAll all = new ToAll(to);
    return OptionSpec.builder(names)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .getter(all)
        .setter(all)
        .paramLabel(label)
        .description(description);
  }

  // picocli asks for the list to add to it.
  private static final class ToAll implements IGetter, ISetter {
    private final Consumer<List<String>> to;
    private @Nullable Object list;

    ToAll(Consumer<List<String>> to) {
      this.to = to;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's own words
    public <T> @Nullable T get() {
      return (T) list;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T set(@Nullable T value) {
      list = value;
      to.accept(value == null ? List.of() : (List<String>) value);
      return null;
    }
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
