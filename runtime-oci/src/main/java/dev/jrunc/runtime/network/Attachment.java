package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wished of a container's device beside ports: CNI's capabilities of these names.
 *
 * @param addresses each with its prefix where one was given
 * @param mac empty for any
 * @param aliases names by which others on the network find the container
 * @param ingress how fast it may receive, null for no limit
 * @param egress how fast it may send, null for no limit
 */
public record Attachment(
    List<String> addresses,
    String mac,
    List<String> aliases,
    @Nullable Rate ingress,
    @Nullable Rate egress) {

  /** Nothing is wished. */
  public static final Attachment ANY = new Attachment(List.of(), "", List.of(), null, null);

  public Attachment {
    addresses = List.copyOf(addresses);
    aliases = List.copyOf(aliases);
  }

  /**
   * A limit on traffic.
   *
   * @param bits in a second
   * @param burst bits that may come at once
   */
  public record Rate(long bits, long burst) {
    private static final int KILO = 1000;
    // Without another word a tenth of a second, but no less than a few large packets.
    private static final int SHARE = 10;
    private static final long LEAST_BURST = 1_000_000;
    // What the kernel's token bucket takes: 32 bits of bytes.
    private static final long LARGEST = 8L * 0xffffffffL - 8;

    /** Reads {@code RATE[:BURST]}, each with k, M or G of 1000, 10^6 or 10^9. */
    static @Nullable Rate parse(String text) {
      int colon = text.indexOf(':');
      long bits = number(colon < 0 ? text : text.substring(0, colon));
      long burst =
          colon < 0 ? Math.max(bits / SHARE, LEAST_BURST) : number(text.substring(colon + 1));
      return bits < 1 || burst < 1 || burst > LARGEST ? null : new Rate(bits, burst);
    }

    private static long number(String text) {
      int end = text.isEmpty() ? 0 : text.length() - 1;
      long factor =
          switch (text.isEmpty() ? ' ' : text.charAt(end)) {
            case 'k', 'K' -> KILO;
            case 'M' -> KILO * KILO;
            case 'G' -> KILO * KILO * KILO;
            default -> 1;
          };
      String digits = factor == 1 ? text : text.substring(0, end);
      long value = 0;
      for (int i = 0; i < digits.length(); i++) {
        char c = digits.charAt(i);
        if (c < '0' || c > '9' || i > 11) {
          return -1;
        }
        value = 10 * value + (c - '0');
      }
      return digits.isEmpty() ? -1 : value * factor;
    }
  }

  /**
   * Reads the values of the command line, as they were given.
   *
   * @param mac null where it was not given, and so for the rates
   */
  public static Attachment parse(
      List<String> addresses,
      @Nullable String mac,
      List<String> aliases,
      @Nullable String ingress,
      @Nullable String egress) {
    List<String> checked = new ArrayList<>();
    for (String address : addresses) {
      checked.add(address(address));
    }
    for (String alias : aliases) {
      if (alias.isEmpty() || alias.indexOf(' ') >= 0) {
        throw usage("invalid --network-alias: \"" + alias + "\"", "a name such as db");
      }
    }
    return new Attachment(
        checked,
        mac == null ? "" : mac(mac),
        aliases,
        rate("ingress-rate", ingress),
        rate("egress-rate", egress));
  }

  /** The flag by which the first of these wishes was given, empty where there is none. */
  String flag() {
    if (!addresses.isEmpty()) {
      return "--ip";
    }
    if (!mac.isEmpty()) {
      return "--mac-address";
    }
    if (!aliases.isEmpty()) {
      return "--network-alias";
    }
    if (ingress != null) {
      return "--ingress-rate";
    }
    return egress != null ? "--egress-rate" : "";
  }

  /** Fails for what a bridge of jrunc's cannot do. */
  void requireForBridge() {
    String other = new Attachment(List.of(), "", aliases, ingress, egress).flag();
    if (!other.isEmpty()) {
      throw usage(
          other + " goes with --network cni:NAME",
          "a bridge of jrunc's has no names and no limits");
    }
    int four = 0;
    for (String address : addresses) {
      four += address.indexOf(':') < 0 ? 1 : 0;
    }
    if (four > 1 || addresses.size() - four > 1) {
      throw usage(
          "--ip is given twice for one family",
          "a bridge gives one address of IPv4 and one of IPv6");
    }
    // The second lowest bit of the first byte is that of addresses that no maker has given out.
    if (!mac.isEmpty() && (Character.digit(mac.charAt(1), 16) & 2) == 0) {
      throw usage(
          "--mac-address " + mac + " is an address that belongs to a maker of devices",
          "a second digit of 2, 6, a or e makes it one of your own, such as 02:42:ac:11:00:02");
    }
  }

  private static String address(String text) {
    int slash = text.indexOf('/');
    IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    int prefix = slash < 0 ? 0 : prefix(text.substring(slash + 1));
    if (address == null || prefix < 0 || prefix > (address.isVersion6() ? 128 : 32)) {
      throw usage("invalid --ip: \"" + text + "\"", "such as 10.20.0.5/24 or fd00:20::5/64");
    }
    return address + (slash < 0 ? "" : "/" + prefix);
  }

  private static int prefix(String text) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || i > 2) {
        return -1;
      }
      value = 10 * value + (c - '0');
    }
    return text.isEmpty() ? -1 : value;
  }

  private static String mac(String text) {
    boolean sound = text.length() == 17;
    for (int i = 0; sound && i < 17; i++) {
      char c = text.charAt(i);
      sound = i % 3 == 2 ? c == ':' : Character.digit(c, 16) >= 0;
    }
    // The lowest bit of the first byte is that of groups.
    if (!sound || (Character.digit(text.charAt(1), 16) & 1) != 0) {
      throw usage("invalid --mac-address: \"" + text + "\"", "such as 02:42:ac:11:00:02");
    }
    return Links.written(Bridge.bytes(text));
  }

  private static @Nullable Rate rate(String flag, @Nullable String text) {
    Rate rate = text == null ? null : Rate.parse(text);
    if (text != null && rate == null) {
      throw usage(
          "invalid --" + flag + ": \"" + text + "\"", "bits in a second, such as 10M or 10M:2M");
    }
    return rate;
  }

  private static Failure usage(String message, String hint) {
    return NetworkFailure.of(Failure.Code.USAGE, message, hint);
  }
}
