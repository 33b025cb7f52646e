package dev.jrunc.runtime.network;

import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin alike.
 *
 * @param base with the bits behind the prefix cleared
 */
public record Subnet(IpAddress base, int prefix) {

  /** Reads {@code ADDRESS/BITS}; null where the text is none or has bits behind its prefix. */
  public static @Nullable Subnet parse(String text) {
    int slash = text.indexOf('/');
    IpAddress address = slash < 0 ? null : IpAddress.parse(text.substring(0, slash));
    if (address == null) {
      return null;
    }
    int prefix = 0;
    for (int i = slash + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || prefix > 128) {
        return null;
      }
      prefix = prefix * 10 + (c - '0');
    }
    boolean fits = slash + 1 < text.length() && prefix <= address.bits();
    return fits && address.masked(prefix).equals(address) ? new Subnet(address, prefix) : null;
  }

  public boolean contains(IpAddress address) {
    return address.isVersion6() == base.isVersion6() && address.masked(prefix).equals(base);
  }

  public boolean overlaps(Subnet other) {
    return contains(other.base) || other.contains(base);
  }

  /** The network's own end: the first address. */
  public IpAddress gateway() {
    return base.plus(1);
  }

  /**
   * How many addresses are left for containers: without the network's own name, the gateway and in
   * IPv4 the broadcast address; at most as many as make sense on one bridge.
   */
  public int size() {
    int bits = Math.min(base.bits() - prefix, 16);
    int all = 1 << bits;
    return Math.max(0, all - (base.isVersion6() ? 2 : 3));
  }

  /** The address of one container, from 0 to {@link #size} - 1. */
  public IpAddress host(int index) {
    return base.plus(2 + index);
  }

  /** Which container's an address is, -1 if it is none's. */
  int index(IpAddress address) {
    long index = contains(address) ? address.low() - base.low() - 2 : -1;
    return index >= 0 && index < size() && host((int) index).equals(address) ? (int) index : -1;
  }

  @Override
  public String toString() {
    return base + "/" + prefix;
  }
}
