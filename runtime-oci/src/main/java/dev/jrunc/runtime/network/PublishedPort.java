package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port of the host that leads to one of a container.
 *
 * @param address of the host, null for all it has
 */
public record PublishedPort(
    @Nullable IpAddress address, int hostPort, int containerPort, Protocol protocol) {

  /** What runs over a port. */
  public enum Protocol {
    TCP(6, "tcp"),
    UDP(17, "udp");

    private final int number;
    private final String word;

    Protocol(int number, String word) {
      this.number = number;
      this.word = word;
    }

    /** As in the header of IP. */
    public int number() {
      return number;
    }

    public String word() {
      return word;
    }
  }

  /** Reads {@code [IP:]HOST:CONTAINER[/tcp|/udp]}; an IPv6 address stands in brackets. */
  public static PublishedPort parse(String text) {
    int slash = text.indexOf('/');
    String word = slash < 0 ? "tcp" : text.substring(slash + 1);
    String rest = slash < 0 ? text : text.substring(0, slash);
    int last = rest.lastIndexOf(':');
    int before = last < 0 ? -1 : rest.lastIndexOf(':', last - 1);
    int host = number(rest, before + 1, last);
    int container = number(rest, last + 1, rest.length());
    boolean known = word.equals("tcp") || word.equals("udp");
    IpAddress address = null;
    if (before >= 0) {
      String given = rest.substring(0, before);
      boolean brackets = given.startsWith("[") && given.endsWith("]");
      address = IpAddress.parse(brackets ? given.substring(1, given.length() - 1) : given);
      known &= address != null && address.isVersion6() == brackets;
    }
    if (!known || host < 0 || container < 0) {
      throw Failure.of(Failure.Code.USAGE, "invalid port to publish: \"" + text + "\"")
          .phase(NetworkFailure.PHASE)
          .hint("[IP:]HOST:CONTAINER[/udp], such as 8080:80 or 127.0.0.1:5353:53/udp")
          .build();
    }
    if (address != null && isAny(address)) {
      address = null;
    }
    Protocol protocol = word.equals("udp") ? Protocol.UDP : Protocol.TCP;
    return new PublishedPort(address, host, container, protocol);
  }

  private static boolean isAny(IpAddress address) {
    return address.equals(address.masked(0));
  }

  // A port is 1 to 65535; -1 for what is none.
  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || value > 65535) {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return to <= from || value < 1 || value > 65535 ? -1 : value;
  }

  /** Reads what {@link #written} wrote. */
  static List<PublishedPort> readAll(String text) {
    List<PublishedPort> ports = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int comma = text.indexOf(',', at);
      int end = comma < 0 ? text.length() : comma;
      ports.add(parse(text.substring(at, end)));
      at = end + 1;
    }
    return ports;
  }

  /** All of them, divided by commas. */
  public static String written(List<PublishedPort> ports) {
    StringBuilder text = new StringBuilder();
    for (PublishedPort port : ports) {
      text.append(text.isEmpty() ? "" : ",").append(port);
    }
    return text.toString();
  }

  /** Whether both cannot be had at once. */
  boolean collides(PublishedPort other) {
    boolean apart = address != null && other.address != null && !address.equals(other.address);
    return hostPort == other.hostPort && protocol == other.protocol && !apart;
  }

  /** The end of the host, as it is spoken of. */
  String hostEnd() {
    return (address == null ? "" : bracketed(address) + ":") + hostPort + "/" + protocol.word();
  }

  private static String bracketed(IpAddress address) {
    return address.isVersion6() ? "[" + address + "]" : address.toString();
  }

  @Override
  public String toString() {
    String host = address == null ? "" : bracketed(address) + ":";
    return host + hostPort + ":" + containerPort + "/" + protocol.word();
  }
}
