package dev.jrunc.image.endpoint;

import java.net.InetAddress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Registries that may be insecure: by host, by host and port, or by a range of addresses. */
public final class InsecureHosts {
  private InsecureHosts() {}

  public static boolean contains(Collection<String> written, String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon > authority.lastIndexOf(']');
    String host = colon >= 0 && port ? authority.substring(0, colon) : authority;
    if (written.contains(authority) || written.contains(host)) {
      return true;
    }
    InetAddress address = literal(host);
    return address != null
        && written.stream().anyMatch(each -> each.indexOf('/') > 0 && isInside(address, each));
  }

  /** Whether an address lies in a range like 10.0.0.0/8. */
  public static boolean isInside(InetAddress address, String range) {
    int slash = range.indexOf('/');
    InetAddress network = slash < 0 ? null : literal(range.substring(0, slash));
    String length = range.substring(slash + 1);
    if (network == null || !length.matches("\\d{1,3}")) {
      return false;
    }
    byte[] one = address.getAddress();
    byte[] other = network.getAddress();
    int bits = Integer.parseInt(length);
    if (one.length != other.length || bits > one.length * 8) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((one[bit / 8] & mask) != (other[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host.replace("[", "").replace("]", ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
