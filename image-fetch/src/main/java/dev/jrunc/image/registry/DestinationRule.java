package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Where a registry may send us.
 *
 * <p>A redirect or the address of a token server is an order from the network. It must not lower
 * the transport, and must not point into this machine or its private network from outside: a
 * cloud's metadata service answers plain requests with credentials. Names are not resolved here:
 * what a resolver says now it may say differently when the connection is made.
 */
final class DestinationRule {
  private DestinationRule() {}

  static void check(Endpoint from, URI target, String what) {
    String scheme = String.valueOf(target.getScheme());
    String host = target.getHost();
    if (host == null || target.getRawUserInfo() != null || !scheme.matches("https?")) {
      throw refuse(from, target, what, "it is not a plain http or https address");
    }
    if (scheme.equals("http") && !from.plain()) {
      throw refuse(from, target, what, "it is not encrypted while the registry is");
    }
    Reach reach = Reach.of(host);
    Reach own = Reach.of(String.valueOf(from.base().getHost()));
    boolean sameHost = host.equalsIgnoreCase(from.base().getHost());
    if (!sameHost && reach.depth > own.depth) {
      throw refuse(from, target, what, "it is a " + reach.words + " address");
    }
  }

  private static ImageFailure refuse(Endpoint from, URI target, String what, String why) {
    return new ImageFailure(
        "refused the %s \"%s\" that registry %s names: %s"
            .formatted(what, withoutQuery(target), from, why));
  }

  /** The query of a signed address is a secret. */
  private static String withoutQuery(URI target) {
    String text = target.toString();
    int question = text.indexOf('?');
    return question < 0 ? text : text.substring(0, question);
  }

  /**
   * From the whole world to this machine's own link: a server may only name places of its own
   * reach.
   */
  private enum Reach {
    PUBLIC(0, "public"),
    PRIVATE(1, "private"),
    LOOPBACK(2, "loopback"),
    LINK_LOCAL(3, "link-local");

    private final int depth;
    private final String words;

    Reach(int depth, String words) {
      this.depth = depth;
      this.words = words;
    }

    static Reach of(String written) {
      String lower = written.toLowerCase(Locale.ROOT);
      String host = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
      if (host.equals("localhost") || host.endsWith(".localhost")) {
        return LOOPBACK;
      }
      InetAddress address;
      try {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        address = InetAddress.ofLiteral(bare);
      } catch (IllegalArgumentException e) {
        return PUBLIC;
      }
      return of(translated(address));
    }

    private static Reach of(InetAddress address) {
      if (address.isLinkLocalAddress()
          || address.isAnyLocalAddress()
          || address.isMulticastAddress()) {
        return LINK_LOCAL;
      }
      if (address.isLoopbackAddress()) {
        return LOOPBACK;
      }
      byte[] bytes = address.getAddress();
      boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
      // RFC 6598: between a provider and its customers; one cloud has its metadata there.
      boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
      return address.isSiteLocalAddress() || uniqueLocal || shared ? PRIVATE : PUBLIC;
    }

    /** RFC 6052: what 64:ff9b::/96 leads to is the IPv4 address at its end. */
    private static InetAddress translated(InetAddress address) {
      byte[] bytes = address.getAddress();
      byte[] prefix = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
      if (bytes.length != 16 || !Arrays.equals(Arrays.copyOf(bytes, prefix.length), prefix)) {
        return address;
      }
      try {
        return InetAddress.getByAddress(Arrays.copyOfRange(bytes, prefix.length, bytes.length));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e); // Only the length is checked, and it is four.
      }
    }
  }
}
