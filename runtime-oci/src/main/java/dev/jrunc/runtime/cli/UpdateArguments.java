package dev.jrunc.runtime.cli;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.BlockIoResources;
import dev.jrunc.spec.CpuResources;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.Resources;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The resources that the flags of {@code update} name; what is not named stays as it is. */
final class UpdateArguments {
  private final ParsedCommand line;

  private UpdateArguments(ParsedCommand line) {
    this.line = line;
  }

  static Resources resources(ParsedCommand line) {
    return new UpdateArguments(line).resources();
  }

  private Resources resources() {
    return new Resources(
        List.of(), memory(), cpu(), pids(), blockIo(), List.of(), null, Map.of(), Map.of());
  }

  private MemoryResources memory() {
    return new MemoryResources(
        size("memory"),
        size("memory-reservation"),
        size("memory-swap"),
        size("kernel-memory"),
        size("kernel-memory-tcp"),
        null,
        null,
        null,
        null);
  }

  private CpuResources cpu() {
    return new CpuResources(
        unsigned("cpu-share"),
        number("cpu-quota"),
        unsigned("cpu-burst"),
        unsigned("cpu-period"),
        number("cpu-rt-runtime"),
        unsigned("cpu-rt-period"),
        text("cpuset-cpus"),
        text("cpuset-mems"),
        number("cpu-idle"));
  }

  private @Nullable PidsResources pids() {
    Long limit = number("pids-limit");
    return limit == null ? null : new PidsResources(limit);
  }

  private @Nullable BlockIoResources blockIo() {
    Long weight = number("blkio-weight");
    if (weight == null || weight == 0) {
      return null;
    }
    if (weight < 0 || weight > 65535) {
      throw invalid("blkio-weight", text("blkio-weight"), "value out of range");
    }
    return new BlockIoResources(
        weight.intValue(), null, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  // An empty word is what an engine gives for a limit that it does not set.
  private @Nullable String text(String flag) {
    String value = line.value(flag);
    return value == null || value.isEmpty() ? null : value;
  }

  private @Nullable Long size(String flag) {
    String word = text(flag);
    return word == null ? null : ByteSize.parse(word, flag);
  }

  private @Nullable Long unsigned(String flag) {
    Long value = number(flag);
    if (value != null && value < 0) {
      throw invalid(flag, text(flag), "invalid syntax");
    }
    return value;
  }

  private @Nullable Long number(String flag) {
    String word = text(flag);
    if (word == null) {
      return null;
    }
    boolean negative = word.startsWith("-");
    long digits = Numbers.digits(negative ? word.substring(1) : word);
    if (digits < 0) {
      throw invalid(flag, word, "invalid syntax");
    }
    return negative ? -digits : digits;
  }

  private static Failure invalid(String flag, @Nullable String word, String why) {
    String message = "invalid value for " + flag + ": parsing \"" + word + "\": " + why;
    return Failure.of(Failure.Code.USAGE, message).phase("parse command line").build();
  }
}
