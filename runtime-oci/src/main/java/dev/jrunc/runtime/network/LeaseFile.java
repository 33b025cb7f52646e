package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of one bridge: its pool and who has what of it. Lines of words, so that it is read in a
 * moment, by people too. What every lease says is looked at by those who ask for all of them; who
 * adds one, or takes one away, hands the others on as they are written.
 */
final class LeaseFile {
  private static final String TITLE = "jrunc network 1";

  private final String path;
  private final String boot;
  private final String mac;
  private final List<Subnet> subnets;
  private final int next;
  private final byte[] body;
  private @Nullable LeaseLines lines;

  private LeaseFile(LeaseFile pool, int next, byte[] body) {
    this.path = pool.path;
    this.boot = pool.boot;
    this.mac = pool.mac;
    this.subnets = pool.subnets;
    this.next = next;
    this.body = body;
  }

  private LeaseFile(Reader read) {
    this.path = read.path;
    this.boot = read.boot;
    this.mac = read.mac;
    this.subnets = List.copyOf(read.subnets);
    this.next = read.next;
    this.body = Arrays.copyOfRange(read.text, read.at, read.text.length);
  }

  /**
   * A file that is not written yet.
   *
   * @param boot of the kernel's random id of this boot: after another all devices are gone
   * @param mac of the bridge, by which it is known as ours
   * @param subnets the one of IPv4, then that of IPv6 if there is one
   * @param next where the search for a free address begins: one given back is not given out at once
   */
  LeaseFile(String boot, String mac, List<Subnet> subnets, int next, List<Lease> leases) {
    this.path = "";
    this.boot = boot;
    this.mac = mac;
    this.subnets = List.copyOf(subnets);
    this.next = next;
    this.body = body(leases);
  }

  String boot() {
    return boot;
  }

  String mac() {
    return mac;
  }

  List<Subnet> subnets() {
    return subnets;
  }

  int next() {
    return next;
  }

  boolean isEmpty() {
    return body.length == 0;
  }

  private static byte[] body(List<Lease> leases) {
    StringBuilder text = new StringBuilder(64 * leases.size());
    for (Lease lease : leases) {
      text.append(lease.line());
    }
    return Utf8.encode(text.toString());
  }

  private LeaseLines lines() {
    LeaseLines scanned = lines;
    if (scanned == null) {
      int size = subnets.get(0).size();
      scanned = LeaseLines.scan(body, size, line -> damaged(path, header() + line + 1));
      lines = scanned;
    }
    return scanned;
  }

  /** The same pool with these leases. */
  LeaseFile with(int nextIndex, List<Lease> leases) {
    return new LeaseFile(this, nextIndex, body(leases));
  }

  /** The same with one more. */
  LeaseFile plus(int nextIndex, Lease lease) {
    byte[] line = Utf8.encode(lease.line());
    byte[] more = Arrays.copyOf(body, body.length + line.length);
    System.arraycopy(line, 0, more, body.length, line.length);
    return new LeaseFile(this, nextIndex, more);
  }

  /** The same without a container's. */
  LeaseFile without(String container) {
    LeaseLines all = lines();
    return new LeaseFile(this, next, all.without(all.of(container)));
  }

  /** A container's lease, null if it has none. */
  @Nullable Lease of(String container) {
    int line = lines().of(container);
    return line < 0 ? null : lease(line);
  }

  private Lease lease(int line) {
    Lease lease = Lease.parse(lines().words(line));
    if (lease == null) {
      throw damaged(path, header() + line + 1);
    }
    return lease;
  }

  private int header() {
    return 4 + subnets.size();
  }

  /** All leases; a line that says what cannot be fails. */
  List<Lease> leases() {
    List<Lease> leases = new ArrayList<>(lines().count());
    Set<String> containers = new HashSet<>();
    for (int line = 0; line < lines().count(); line++) {
      Lease lease = lease(line);
      if (!containers.add(lease.container())) {
        throw damaged(path, header() + line + 1);
      }
      leases.add(lease);
    }
    return leases;
  }

  /** The first free index from {@code next} on, -1 if all are taken. */
  int free() {
    int size = subnets.get(0).size();
    boolean[] taken = new boolean[size];
    for (int line = 0; line < lines().count(); line++) {
      taken[lines().index(line)] = true;
      if (lines().longer(line)) {
        lease(line).mark(subnets, taken);
      }
    }
    for (int i = 0; i < size; i++) {
      int index = (next + i) % size;
      if (!taken[index]) {
        return index;
      }
    }
    return -1;
  }

  byte[] written() {
    StringBuilder text = new StringBuilder(256);
    text.append(TITLE).append("\nboot ").append(boot).append("\nmac ").append(mac).append('\n');
    for (Subnet subnet : subnets) {
      text.append("subnet ").append(subnet).append('\n');
    }
    byte[] head = Utf8.encode(text.append("next ").append(next).append('\n').toString());
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  /** Reads what {@link #written} wrote; anything else fails with the line it is in. */
  static LeaseFile read(String path, byte[] text) {
    return new Reader(path, text).read();
  }

  private static Failure damaged(String path, int line) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "the lease file " + path + " is damaged: line " + line + " cannot be read")
        .phase(NetworkFailure.PHASE)
        .path(path)
        .hint("\"jrunc network prune\" writes it again from the containers that are there")
        .build();
  }

  private static final class Reader {
    private final String path;
    private final byte[] text;
    private int at;
    private int line;
    private String boot = "";
    private String mac = "";
    private final List<Subnet> subnets = new ArrayList<>();
    private int next = -1;

    Reader(String path, byte[] text) {
      this.path = path;
      this.text = text;
    }

    LeaseFile read() {
      check(line().equals(TITLE));
      while (next < 0) {
        entry(line());
      }
      check(!boot.isEmpty() && !mac.isEmpty() && !subnets.isEmpty());
      LeaseFile file = new LeaseFile(this);
      file.lines();
      return file;
    }

    private String line() {
      line++;
      int end = at;
      while (end < text.length && text[end] != '\n') {
        end++;
      }
      check(end < text.length);
      String found = Utf8.decode(text, at, end - at);
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
        case "next" -> {
          long number = Lease.number(value);
          check(number >= 0 && number <= Integer.MAX_VALUE);
          next = (int) number;
        }
        default -> check(false);
      }
    }

    private void check(boolean sound) {
      if (!sound) {
        throw damaged(path, line);
      }
    }
  }
}
