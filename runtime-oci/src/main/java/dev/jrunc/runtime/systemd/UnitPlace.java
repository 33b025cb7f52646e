package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a container's scope is in systemd's tree.
 *
 * @param slice the slice it is in; empty for the default one
 * @param unit its name
 */
public record UnitPlace(String slice, String unit) {
  private static final String POINTER = "/linux/cgroupsPath";
  private static final String SLICE = ".slice";

  /** systemd.unit(5): longer names are refused. */
  private static final int LONGEST = 255;

  /**
   * Reads {@code slice:prefix:name}, runc's form of cgroupsPath with this driver. Without a path
   * the scope is named after this runtime and the container.
   */
  public static UnitPlace of(@Nullable String cgroupsPath, String containerId) {
    if (cgroupsPath == null || cgroupsPath.isEmpty()) {
      return checked(new UnitPlace("", "jrunc-" + containerId + ".scope"));
    }
    List<String> parts = Separated.by(':', cgroupsPath);
    if (parts.size() != 3) {
      throw invalid(
          "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \""
              + cgroupsPath
              + "\" instead",
          "such as \"system.slice:web:1\", or leave --systemd-cgroup out");
    }
    String name = parts.get(2);
    if (name.endsWith(SLICE)) {
      throw invalid(
          "cgroupsPath \"" + cgroupsPath + "\" names a slice, which can hold no processes",
          "name a scope: the part after the last colon without \".slice\"");
    }
    return checked(new UnitPlace(parts.get(0), parts.get(1) + "-" + name + ".scope"));
  }

  private static UnitPlace checked(UnitPlace place) {
    if (!place.slice.isEmpty()) {
      expand(place.slice);
    }
    if (place.unit.length() > LONGEST || !isName(place.unit)) {
      throw invalid(
          "\"" + place.unit + "\" is no name of a systemd unit",
          "letters, digits and : _ . \\ @ - may be in it; cgroupsPath sets it");
    }
    return place;
  }

  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && ":_.\\@-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The slice, or {@code other} where none is named. */
  String sliceOr(String other) {
    return slice.isEmpty() ? other : slice;
  }

  /** The path of the scope's group below the root of the hierarchy, with this slice as default. */
  String group(String defaultSlice) {
    return expand(sliceOr(defaultSlice)) + "/" + unit;
  }

  /**
   * A dash in a slice's name is a step down: {@code a-b.slice} is in {@code a.slice}; {@code
   * -.slice} is the root.
   */
  static String expand(String slice) {
    String name = slice.endsWith(SLICE) ? slice.substring(0, slice.length() - SLICE.length()) : "";
    if (name.equals("-")) {
      return "";
    }
    if (name.isEmpty() || !isName(name)) {
      throw badSlice(slice);
    }
    StringBuilder path = new StringBuilder();
    for (int end = 0; end >= 0 && end < name.length(); ) {
      int dash = name.indexOf('-', end);
      if (dash == end || dash == name.length() - 1) {
        throw badSlice(slice);
      }
      int until = dash < 0 ? name.length() : dash;
      path.append('/').append(name, 0, until).append(SLICE);
      end = dash < 0 ? -1 : dash + 1;
    }
    return path.toString();
  }

  private static Failure badSlice(String slice) {
    return invalid(
        "invalid slice name: " + slice, "such as system.slice, or a-b.slice for one in a.slice");
  }

  private static Failure invalid(String message, String hint) {
    return Failure.of(Failure.Code.INVALID_CONFIG, message)
        .phase("cgroup")
        .pointer(POINTER)
        .hint(hint)
        .build();
  }
}
