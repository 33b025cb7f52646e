package dev.jrunc.runtime.cgroup;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All limits of a container, ready to be written.
 *
 * @param writes in the order they are to be made
 * @param devices on v2, where no file but a program decides about devices; else null
 */
public record CgroupLimits(List<CgroupWrite> writes, @Nullable DeviceRules devices) {
  static final String POINTER = "/linux/resources";

  public CgroupLimits {
    writes = List.copyOf(writes);
  }

  /** Nothing but the devices that runc always limits. */
  public static CgroupLimits of(CgroupLayout layout, @Nullable Resources resources) {
    Resources given = resources == null ? NONE : resources;
    DeviceRules devices = DeviceRules.of(given.devices()).withDefaults();
    return layout == CgroupLayout.V2
        ? new CgroupLimits(LimitsV2.of(given), devices)
        : new CgroupLimits(LimitsV1.of(given, devices), null);
  }

  /** The limits to change on a container that is there; its devices stay as they are. */
  public static CgroupLimits ofUpdate(CgroupLayout layout, Resources resources) {
    return layout == CgroupLayout.V2
        ? new CgroupLimits(LimitsV2.of(resources), null)
        : new CgroupLimits(LimitsV1.of(resources, null), null);
  }

  private static final Resources NONE =
      new Resources(
          List.of(),
          null,
          null,
          null,
          null,
          List.of(),
          null,
          java.util.Map.of(),
          java.util.Map.of());

  static Failure unsupported(String what, String pointer, String hint) {
    return Failure.of(Failure.Code.UNSUPPORTED, what)
        .phase("cgroup")
        .pointer(pointer)
        .hint(hint)
        .build();
  }

  static Failure invalid(String what, String pointer) {
    return Failure.of(Failure.Code.INVALID_CONFIG, what).phase("cgroup").pointer(pointer).build();
  }

  /** A number was given, and not the zero that stands for "unset" in runc's flags and structs. */
  static boolean set(@Nullable Long value) {
    return number(value) != 0;
  }

  /** What was given, or 0. */
  static long number(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}
