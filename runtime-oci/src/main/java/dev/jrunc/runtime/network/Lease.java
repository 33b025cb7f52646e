package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one container has of a bridge.
 *
 * @param index of its address in the pool
 * @param link name of the host's end of its pair of devices; nobody else's has it
 * @param maker the process that made the container: while it lives the container may be half made
 * @param six its address of IPv6 where another was wished than the one that goes with the index
 * @param mac its hardware address where one was wished, else empty
 */
record Lease(
    int index,
    String link,
    ProcessIdentity maker,
    String container,
    List<PublishedPort> ports,
    @Nullable IpAddress six,
    String mac) {
  private static final String NONE = "-";
  private static final int WORDS = 6;
  private static final int ALL_WORDS = 8;

  Lease {
    ports = List.copyOf(ports);
  }

  /** One without wishes. */
  Lease(
      int index, String link, ProcessIdentity maker, String container, List<PublishedPort> ports) {
    this(index, link, maker, container, ports, null, "");
  }

  /** Its address in each subnet. */
  List<IpAddress> addresses(List<Subnet> subnets) {
    List<IpAddress> addresses = new ArrayList<>();
    for (Subnet subnet : subnets) {
      addresses.add(subnet.base().isVersion6() && six != null ? six : subnet.host(index));
    }
    return addresses;
  }

  /** The hardware address of its device. */
  byte[] hardware(List<Subnet> subnets) {
    return mac.isEmpty() ? Bridge.mac(subnets.get(0).host(index)) : Bridge.bytes(mac);
  }

  /** Marks the indexes whose own addresses these wishes take. */
  void mark(List<Subnet> subnets, boolean[] taken) {
    int index6 = six == null || subnets.size() < 2 ? -1 : subnets.get(1).index(six);
    byte[] bytes = Bridge.bytes(mac);
    IpAddress four = IpAddress.of(Arrays.copyOfRange(bytes, 2, 6));
    int index4 = subnets.get(0).index(four);
    boolean ours = index4 >= 0 && Arrays.equals(bytes, Bridge.mac(four));
    if (index6 >= 0 && index6 < taken.length) {
      taken[index6] = true;
    }
    if (ours) {
      taken[index4] = true;
    }
  }

  /** As it stands in the file. */
  String line() {
    StringBuilder text = new StringBuilder(96);
    text.append(LeaseLines.LEASE).append(index).append(' ').append(link).append(' ');
    text.append(maker.pid()).append(' ').append(maker.startTime()).append(' ');
    String written = PublishedPort.written(ports);
    text.append(container).append(' ').append(written.isEmpty() ? NONE : written);
    if (six != null || !mac.isEmpty()) {
      text.append(' ').append(six == null ? NONE : six.toString());
      text.append(' ').append(mac.isEmpty() ? NONE : mac);
    }
    return text.append('\n').toString();
  }

  /** Reads the words of {@link #line} behind the first; null where they are none. */
  static @Nullable Lease parse(String text) {
    List<String> words = words(text);
    if (words.size() != WORDS && words.size() != ALL_WORDS) {
      return null;
    }
    long index = number(words.get(0));
    long pid = number(words.get(2));
    long start = number(words.get(3));
    String six = words.size() == WORDS ? NONE : words.get(6);
    String mac = words.size() == WORDS ? NONE : words.get(7);
    IpAddress wished = IpAddress.parse(six);
    boolean sound = (wished == null ? six.equals(NONE) : wished.isVersion6()) && isMac(mac);
    if (index < 0 || pid < 0 || start < 0 || !sound) {
      return null;
    }
    try {
      return new Lease(
          (int) index,
          words.get(1),
          new ProcessIdentity((int) pid, start),
          ContainerId.parse(words.get(4)).text(),
          words.get(5).equals(NONE) ? List.of() : PublishedPort.readAll(words.get(5)),
          wished,
          mac.equals(NONE) ? "" : mac);
    } catch (Failure e) {
      return null;
    }
  }

  private static boolean isMac(String word) {
    return word.equals(NONE) || Links.written(Bridge.bytes(word)).equals(word);
  }

  // None of them is empty where the line was looked over.
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int from = 0;
    while (from <= text.length()) {
      int space = text.indexOf(' ', from);
      int end = space < 0 ? text.length() : space;
      words.add(text.substring(from, end));
      from = end + 1;
    }
    return words;
  }

  /** The number of a word, -1 where it is none. */
  static long number(String word) {
    if (word.isEmpty() || word.length() >= 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }
}
