package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.PointerSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Properties of the unit that annotations ask for: {@code org.systemd.property.NAME}, with a value
 * as {@link VariantText} reads it. As in runc a name in seconds becomes one in microseconds.
 */
final class AnnotationProperties {
  static final String PREFIX = "org.systemd.property.";
  private static final String SECONDS = "Sec";

  private AnnotationProperties() {}

  static List<Property> of(Map<String, String> annotations) {
    List<Property> properties = new ArrayList<>();
    for (Map.Entry<String, String> annotation : annotations.entrySet()) {
      String key = annotation.getKey();
      if (key.startsWith(PREFIX)) {
        properties.add(property(key, annotation.getValue()));
      }
    }
    return properties;
  }

  private static Property property(String key, String text) {
    String name = key.substring(PREFIX.length());
    if (name.length() < 3) {
      throw invalid(key, "annotation " + key + " name incorrect: too short");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
        throw invalid(
            key, "annotation " + key + " name incorrect: contains non-alphabetic character");
      }
    }
    try {
      Value value = VariantText.parse(text);
      return inSeconds(name)
          ? new Property(
              name.substring(0, name.length() - SECONDS.length()) + "USec", microseconds(value))
          : new Property(name, value);
    } catch (VariantText.Malformed e) {
      throw invalid(
          key, "annotation " + key + "=" + text + " value parse error: " + e.getMessage());
    }
  }

  // CollectSec but not USec, and not a name that is nothing else.
  private static boolean inSeconds(String name) {
    int before = name.length() - SECONDS.length() - 1;
    return name.endsWith(SECONDS)
        && before >= 0
        && name.charAt(before) >= 'a'
        && name.charAt(before) <= 'z';
  }

  private static Value microseconds(Value value) {
    if (!(value instanceof Value.Number number)) {
      throw new VariantText.Malformed("not a number");
    }
    long million = 1_000_000;
    return Value.uint64(
        number.type() == 'd'
            ? (long) (Double.longBitsToDouble(number.bits()) * million)
            : number.bits() * million);
  }

  private static Failure invalid(String key, String message) {
    return Failure.of(Failure.Code.INVALID_CONFIG, message)
        .phase("cgroup")
        .pointer("/annotations/" + PointerSegment.of(key))
        .hint("such as \"org.systemd.property.TimeoutStopUSec\": \"uint64 123456789\"")
        .build();
  }
}
