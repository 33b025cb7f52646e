package dev.jrunc.runtime.rdt;

import dev.jrunc.spec.Separated;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of a schemata file, such as {@code L3:0=7f0;1=1f}. The kernel writes it with other
 * blanks and zeros than it was given.
 *
 * @param resource such as L3 or MB
 * @param shares by the number of the domain, without zeros before them
 */
record Schema(String resource, Map<String, String> shares) {

  static Schema of(String line) {
    int colon = line.indexOf(':');
    Map<String, String> shares = new LinkedHashMap<>();
    for (String share : Separated.by(';', line.substring(colon + 1))) {
      int equals = share.indexOf('=');
      if (equals > 0) {
        shares.put(plain(share.substring(0, equals)), plain(share.substring(equals + 1)));
      }
    }
    return new Schema(colon < 0 ? "" : line.substring(0, colon).trim(), shares);
  }

  private static String plain(String number) {
    String digits = number.trim();
    int from = 0;
    while (from < digits.length() - 1 && digits.charAt(from) == '0') {
      from++;
    }
    return digits.substring(from);
  }

  /** Whether all shares of the other are as they are here. */
  boolean contains(Schema other) {
    if (!resource.equals(other.resource)) {
      return false;
    }
    for (Map.Entry<String, String> share : other.shares.entrySet()) {
      String here = shares.get(share.getKey());
      if (here == null || !here.equalsIgnoreCase(share.getValue())) {
        return false;
      }
    }
    return true;
  }
}
