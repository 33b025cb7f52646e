package dev.jrunc.runtime.capability;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.spec.Capabilities;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The five sets as bits, bit n for capability n.
 *
 * @param known all that the running kernel has; the bounding set is cleared of the rest of these
 * @param ignored names that were left out, to warn of
 */
public record CapabilityPlan(
    long bounding,
    long effective,
    long permitted,
    long inheritable,
    long ambient,
    long known,
    List<String> ignored) {
  private static final String POINTER = "/process/capabilities/";

  public CapabilityPlan {
    ignored = List.copyOf(ignored);
  }

  /** What the sets ask for; {@code known} are the capabilities of the running kernel. */
  public static CapabilityPlan of(@Nullable Capabilities asked, long known) {
    if (asked == null) {
      return new CapabilityPlan(0, 0, 0, 0, 0, known, List.of());
    }
    List<String> ignored = new ArrayList<>();
    return new CapabilityPlan(
        bits(asked.bounding(), known, ignored),
        bits(asked.effective(), known, ignored),
        bits(asked.permitted(), known, ignored),
        bits(asked.inheritable(), known, ignored),
        bits(asked.ambient(), known, ignored),
        known,
        ignored);
  }

  private static long bits(List<String> names, long known, List<String> ignored) {
    long bits = 0;
    for (String name : names) {
      int number = Capability.number(name);
      if (number >= 0 && (known & (1L << number)) != 0) {
        bits |= 1L << number;
      } else if (!ignored.contains(name)) {
        ignored.add(name);
      }
    }
    return bits;
  }

  /**
   * Refuses to start a container that would get less than its config says. Asked in the process
   * that becomes the container, to which a new user namespace has given every capability.
   *
   * @param available the bounding set of this process
   * @param permitted of this process, as capget(2) tells
   */
  public void requireAvailable(long available, long permitted) {
    refuse("permitted", this.permitted & ~permitted);
    refuse("effective", effective & ~permitted);
    refuse("inheritable", inheritable & ~(permitted & available));
  }

  private static void refuse(String set, long missing) {
    if (missing != 0) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "unable to apply caps: operation not permitted: this process has no "
                  + String.join(", ", Capability.names(missing))
                  + " to give to the "
                  + set
                  + " set")
          .phase("capabilities")
          .pointer(POINTER + set)
          .errno(dev.jrunc.kernel.Errno.EPERM)
          .hint(
              "take the name out of the set, or run where it is not dropped: see CapBnd in"
                  + " /proc/self/status")
          .build();
    }
  }

  /** Warns of names that nobody knows, and of ambient capabilities that cannot be. */
  public static void warn(@Nullable Capabilities asked) {
    if (asked != null) {
      of(asked, (1L << Capability.COUNT) - 1).warnings().forEach(Narration::warn);
    }
  }

  /** What of the config will not be so although the container starts, in runc's wording. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (!ignored.isEmpty()) {
      warnings.add(
          "ignoring unknown or unavailable capabilities: [" + String.join(" ", ignored) + "]");
    }
    // capabilities(7): an ambient capability must be both permitted and inheritable.
    for (String name : Capability.names(ambient & ~(permitted & inheritable))) {
      warnings.add("can't raise ambient capability " + name + ": operation not permitted");
    }
    return warnings;
  }
}
