package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.DeviceRules;
import dev.jrunc.runtime.dbus.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules for devices as DeviceAllow. systemd knows lists of what is allowed only, and no minor
 * number of every major one. What it has no word for it must not decide: on v2 it then allows all,
 * and the program that jrunc attaches refuses the rest; on v1, where there is but one list and
 * systemd may write it again at any time, it gets what it can be told, which is less.
 */
final class DeviceProperties {
  private static final String ENTRY = "(ss)";

  private DeviceProperties() {}

  static List<Property> of(CgroupLayout layout, DeviceRules rules) {
    boolean everything = rules.allowedByDefault() && rules.exemptions().isEmpty();
    List<Value> entries = new ArrayList<>();
    boolean whole = !rules.allowedByDefault();
    for (DeviceRules.Exemption exemption : rules.exemptions()) {
      String path = path(exemption);
      whole &= !path.isEmpty();
      if (!path.isEmpty() && !rules.allowedByDefault()) {
        entries.add(Value.struct(Value.of(path), Value.of(access(exemption.access()))));
      }
    }
    boolean open = everything || (!whole && layout == CgroupLayout.V2);
    List<Property> properties = new ArrayList<>();
    // An empty list takes away what was allowed before.
    properties.add(new Property("DeviceAllow", new Value.Array(ENTRY, List.of())));
    properties.add(Property.of("DevicePolicy", open ? "auto" : "strict"));
    if (!open) {
      properties.add(new Property("DeviceAllow", new Value.Array(ENTRY, entries)));
    }
    return properties;
  }

  // Empty where systemd has no word for it: one minor number of every major one.
  private static String path(DeviceRules.Exemption exemption) {
    String kind = exemption.type() == 'b' ? "block" : "char";
    if (exemption.major() == DeviceRules.ANY) {
      return exemption.minor() == DeviceRules.ANY ? kind + "-*" : "";
    }
    return exemption.minor() == DeviceRules.ANY
        ? kind + "-" + exemption.major()
        : "/dev/" + kind + "/" + exemption.major() + ":" + exemption.minor();
  }

  private static String access(int bits) {
    return ((bits & DeviceRules.READ) != 0 ? "r" : "")
        + ((bits & DeviceRules.WRITE) != 0 ? "w" : "")
        + ((bits & DeviceRules.MKNOD) != 0 ? "m" : "");
  }
}
