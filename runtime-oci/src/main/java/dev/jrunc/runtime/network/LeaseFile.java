package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of one bridge: its pool and who has what of it. Lines of words, so that it is read in a
 * moment, by people too.
 *
 * @param boot of the kernel's random id of this boot: after another all devices are gone
 * @param mac of the bridge, by which it is known as ours
 * @param subnets the one of IPv4, then that of IPv6 if there is one
 * @param next where the search for a free address begins: one given back is not given out at once
 */
record LeaseFile(String boot, String mac, List<Subnet> subnets, int next, List<Lease> leases) {
  private static final String TITLE = "jrunc network 1";
  private static final String NO_PORTS = "-";
  private static final String LEASE = "lease ";

  LeaseFile {
    subnets = List.copyOf(subnets);
    leases = List.copyOf(leases);
  }

  LeaseFile with(int nextIndex, List<Lease> others) {
    return new LeaseFile(boot, mac, subnets, nextIndex, others);
  }

  @Nullable Lease of(String container) {
    for (Lease lease : leases) {
      if (lease.container().equals(container)) {
        return lease;
      }
    }
    return null;
  }

  List<Lease> without(String container) {
    List<Lease> others = new ArrayList<>(leases.size());
    for (Lease lease : leases) {
      if (!lease.container().equals(container)) {
        others.add(lease);
      }
    }
    return others;
  }

  /** The first free index from {@code next} on, -1 if all are taken. */
  int free() {
    int size = subnets.get(0).size();
    boolean[] taken = new boolean[size];
    for (Lease lease : leases) {
      taken[lease.index()] = true;
    }
    for (int i = 0; i < size; i++) {
      int index = (next + i) % size;
      if (!taken[index]) {
        return index;
      }
    }
    return -1;
  }

  String written() {
    StringBuilder text = new StringBuilder(256 + 64 * leases.size());
    text.append(TITLE).append("\nboot ").append(boot).append("\nmac ").append(mac).append('\n');
    for (Subnet subnet : subnets) {
      text.append("subnet ").append(subnet).append('\n');
    }
    text.append("next ").append(next).append('\n');
    for (Lease lease : leases) {
      text.append(LEASE).append(lease.index()).append(' ').append(lease.link()).append(' ');
      text.append(lease.maker().pid()).append(' ').append(lease.maker().startTime()).append(' ');
      text.append(lease.container()).append(' ');
      String ports = PublishedPort.written(lease.ports());
      text.append(ports.isEmpty() ? NO_PORTS : ports).append('\n');
    }
    return text.toString();
  }

  /** Reads what {@link #written} wrote; anything else fails with the line it is in. */
  static LeaseFile read(String path, String text) {
    return new Reader(path, text).read();
  }

  private static final class Reader {
    private final String path;
    private final String text;
    private int at;
    private int line;
    private String boot = "";
    private String mac = "";
    private final List<Subnet> subnets = new ArrayList<>();
    private int next = -1;
    private final List<Lease> leases = new ArrayList<>();
    private final Set<Integer> indexes = new HashSet<>();
    private final Set<String> names = new HashSet<>();

    Reader(String path, String text) {
      this.path = path;
      this.text = text;
    }

    LeaseFile read() {
      check(line().equals(TITLE));
      while (at < text.length()) {
        if (text.startsWith(LEASE, at)) {
          lease();
        } else {
          entry(line());
        }
      }
      line++;
      check(!boot.isEmpty() && !mac.isEmpty() && !subnets.isEmpty() && next >= 0);
      return new LeaseFile(boot, mac, subnets, next, leases);
    }

    private String line() {
      line++;
      int end = text.indexOf('\n', at);
      check(end >= 0);
      String found = text.substring(at, end);
      at = end + 1;
      return found;
    }

    private void entry(String entry) {
      int space = entry.indexOf(' ');
      check(space > 0);
      String value = entry.substring(space + 1);
      switch (entry.substring(0, space)) {
        case "boot" -> boot = value;
        case "mac" -> mac = value;
        case "subnet" -> {
          Subnet subnet = Subnet.parse(value);
          check(subnet != null && subnet.base().isVersion6() == !subnets.isEmpty());
          subnets.add(java.util.Objects.requireNonNull(subnet));
        }
        case "next" -> next = (int) number(value);
        default -> check(false);
      }
    }

    // Without a copy of the line: there may be a thousand.
    private void lease() {
      line++;
      int last = text.indexOf('\n', at);
      check(last >= 0);
      String[] words = new String[6];
      int from = at + LEASE.length();
      for (int i = 0; i < 6; i++) {
        int space = i < 5 ? text.indexOf(' ', from) : last;
        check(space > from && space <= last);
        words[i] = text.substring(from, space);
        from = space + 1;
      }
      at = last + 1;
      int index = (int) number(words[0]);
      check(!subnets.isEmpty() && index < subnets.get(0).size());
      check(indexes.add(index) && names.add(words[4]));
      leases.add(
          new Lease(
              index,
              words[1],
              new ProcessIdentity((int) number(words[2]), number(words[3])),
              container(words[4]),
              words[5].equals(NO_PORTS) ? List.of() : ports(words[5])));
    }

    private String container(String name) {
      try {
        return ContainerId.parse(name).text();
      } catch (Failure e) {
        throw damaged();
      }
    }

    private List<PublishedPort> ports(String written) {
      try {
        return PublishedPort.readAll(written);
      } catch (Failure e) {
        throw damaged();
      }
    }

    private long number(String word) {
      check(!word.isEmpty() && word.length() < 18);
      long value = 0;
      for (int i = 0; i < word.length(); i++) {
        char c = word.charAt(i);
        check(c >= '0' && c <= '9');
        value = value * 10 + (c - '0');
      }
      return value;
    }

    private void check(boolean sound) {
      if (!sound) {
        throw damaged();
      }
    }

    private Failure damaged() {
      return Failure.of(
              Failure.Code.SYSTEM,
              "the lease file " + path + " is damaged: line " + line + " cannot be read")
          .phase(NetworkFailure.PHASE)
          .path(path)
          .hint("\"jrunc network prune\" writes it again from the containers that are there")
          .build();
    }
  }
}
