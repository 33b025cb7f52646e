package dev.jrunc.runtime.cgroup;

import dev.jrunc.spec.DeviceCgroupRule;
import java.util.ArrayList;
import java.util.List;

/**
 * Which devices may be used, as an exact state and not as the list of rules that led to it: what is
 * so unless said otherwise, and the exemptions. v1 and v2 are both written from this, so that a
 * config means the same on both.
 *
 * @param allowedByDefault whether a device that no exemption names may be used
 * @param exemptions each type and number once, with the accesses that differ from the default
 */
public record DeviceRules(boolean allowedByDefault, List<Exemption> exemptions) {
  /** Stands for every number. */
  public static final long ANY = -1;

  public static final int READ = 2;
  public static final int WRITE = 4;
  public static final int MKNOD = 1;
  public static final int ALL = READ | WRITE | MKNOD;

  public DeviceRules {
    exemptions = List.copyOf(exemptions);
  }

  /**
   * One exemption.
   *
   * @param type {@code b} or {@code c}
   * @param access bits as BPF_DEVCG_ACC_ of linux/bpf.h has them
   */
  public record Exemption(char type, long major, long minor, int access) {
    boolean sameDevices(Exemption other) {
      return type == other.type && major == other.major && minor == other.minor;
    }

    /** Whether this is a wildcard that the devices of {@code other} fall under. */
    boolean covers(Exemption other) {
      return !sameDevices(other)
          && type == other.type
          && (major == ANY || major == other.major)
          && (minor == ANY || minor == other.minor);
    }

    /** As devices.allow takes it. */
    String text() {
      StringBuilder text = new StringBuilder().append(type).append(' ');
      text.append(major == ANY ? "*" : Long.toString(major)).append(':');
      text.append(minor == ANY ? "*" : Long.toString(minor)).append(' ');
      text.append((access & READ) != 0 ? "r" : "").append((access & WRITE) != 0 ? "w" : "");
      return text.append((access & MKNOD) != 0 ? "m" : "").toString();
    }
  }

  /** Applies the rules in order to a group that allows nothing. */
  public static DeviceRules of(List<DeviceCgroupRule> rules) {
    DeviceRules state = new DeviceRules(false, List.of());
    for (int i = 0; i < rules.size(); i++) {
      DeviceCgroupRule rule = rules.get(i);
      String pointer = CgroupLimits.POINTER + "/devices/" + i;
      String type = rule.type() == null || rule.type().isEmpty() ? "a" : rule.type();
      int access = accessOf(rule.access(), pointer);
      switch (type) {
        case "a" -> state = new DeviceRules(rule.allow(), List.of());
        case "b", "c" -> {
          char node = type.equals("b") ? 'b' : 'c';
          state = state.with(rule.allow(), exemption(node, rule, access), pointer);
        }
        default ->
            throw CgroupLimits.invalid(
                "device type \"" + type + "\" is none of a, b, c", pointer + "/type");
      }
    }
    return state;
  }

  private static Exemption exemption(char node, DeviceCgroupRule rule, int access) {
    long major = rule.major() == null ? ANY : rule.major();
    long minor = rule.minor() == null ? ANY : rule.minor();
    return new Exemption(node, major, minor, access);
  }

  private static int accessOf(@org.jspecify.annotations.Nullable String access, String pointer) {
    if (access == null || access.isEmpty()) {
      throw CgroupLimits.invalid("device access must not be empty", pointer + "/access");
    }
    int bits = 0;
    for (int i = 0; i < access.length(); i++) {
      bits |=
          switch (access.charAt(i)) {
            case 'r' -> READ;
            case 'w' -> WRITE;
            case 'm' -> MKNOD;
            case 'a' -> 0; // Not of the specification; runc takes it and means nothing by it.
            default ->
                throw CgroupLimits.invalid(
                    "device access \"" + access + "\" has a letter other than r, w and m",
                    pointer + "/access");
          };
    }
    return bits;
  }

  /** runc always allows these: making any node, and the devices every container has in /dev. */
  public DeviceRules withDefaults() {
    if (allowedByDefault && exemptions.isEmpty()) {
      return this;
    }
    DeviceRules state = this;
    state = state.with(true, new Exemption('c', ANY, ANY, MKNOD), "");
    state = state.with(true, new Exemption('b', ANY, ANY, MKNOD), "");
    state = state.with(true, new Exemption('c', 1, 3, ALL), ""); // null
    state = state.with(true, new Exemption('c', 1, 8, ALL), ""); // random
    state = state.with(true, new Exemption('c', 1, 7, ALL), ""); // full
    state = state.with(true, new Exemption('c', 5, 0, ALL), ""); // tty
    state = state.with(true, new Exemption('c', 1, 5, ALL), ""); // zero
    state = state.with(true, new Exemption('c', 1, 9, ALL), ""); // urandom
    state = state.with(true, new Exemption('c', 136, ANY, ALL), ""); // pts
    state = state.with(true, new Exemption('c', 5, 2, ALL), ""); // ptmx
    return state.with(true, new Exemption('c', 10, 200, ALL), ""); // net/tun
  }

  private DeviceRules with(boolean allow, Exemption rule, String pointer) {
    List<Exemption> changed = new ArrayList<>(exemptions.size() + 1);
    boolean adds = allow != allowedByDefault;
    int left = rule.access;
    for (Exemption exemption : exemptions) {
      if (exemption.sameDevices(rule)) {
        left = adds ? exemption.access | rule.access : exemption.access & ~rule.access;
      } else {
        refuseHole(!adds && exemption.covers(rule), exemption, rule, pointer);
        changed.add(exemption);
      }
    }
    if (adds || (left != rule.access && left != 0)) {
      changed.add(new Exemption(rule.type, rule.major, rule.minor, left));
    }
    return new DeviceRules(allowedByDefault, changed);
  }

  // v1 silently ignores such a rule, which would leave open what the config closes.
  private static void refuseHole(
      boolean covered, Exemption wildcard, Exemption rule, String pointer) {
    if (covered && (wildcard.access & rule.access) != 0 && !pointer.isEmpty()) {
      throw CgroupLimits.unsupported(
          "device rule \"" + rule.text() + "\" makes a hole in \"" + wildcard.text() + "\"",
          pointer,
          "cgroups cannot do that: list the single devices in place of the wildcard");
    }
  }

  /**
   * For v1: first one rule for everything ({@code a}), then the exemptions, each with a sign for
   * the file to write it to.
   */
  List<String> denyThenAllow() {
    List<String> lines = new ArrayList<>(exemptions.size() + 1);
    lines.add(allowedByDefault ? "+a" : "-a");
    for (Exemption exemption : exemptions) {
      lines.add((allowedByDefault ? "-" : "+") + exemption.text());
    }
    return lines;
  }
}
