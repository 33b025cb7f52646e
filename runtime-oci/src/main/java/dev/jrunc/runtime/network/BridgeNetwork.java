package dev.jrunc.runtime.network;

import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Containers on bridges: who has which address and port, under one lock for all bridges of a root.
 * A lease is written before anything is made for it and taken out after all is unmade.
 */
public final class BridgeNetwork {
  // 64 pools of 1021 containers, of which the first that is free on this host is taken.
  private static final int POOLS = 64;
  private static final int POOL_PREFIX = 22;
  private static final int PREFIX_6 = 64;

  private final Linux linux;
  private final String root;

  public BridgeNetwork(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

  /** A container's part of a bridge. */
  record Membership(LeaseFile file, Lease lease) {
    List<IpAddress> addresses() {
      List<IpAddress> addresses = new ArrayList<>();
      for (Subnet subnet : file.subnets()) {
        addresses.add(subnet.host(lease.index()));
      }
      return addresses;
    }

    /** With their prefixes, divided by spaces. */
    String written() {
      StringBuilder text = new StringBuilder();
      for (Subnet subnet : file.subnets()) {
        text.append(text.isEmpty() ? "" : " ").append(subnet.host(lease.index()));
        text.append('/').append(subnet.prefix());
      }
      return text.toString();
    }
  }

  /** Takes an address and ports for a container; a bridge that is new gets its pool. */
  Membership lease(NetworkStep.LeaseAddresses step, String container) {
    String bridge = step.bridge();
    try (NetworkFolder folder = NetworkFolder.lock(linux, root)) {
      String boot = NetworkFolder.boot(linux);
      LeaseFile file = folder.read(bridge);
      if (file == null) {
        file = found(folder, step, boot);
      } else if (!file.boot().equals(boot)) {
        // After a reboot nobody has anything of it.
        file = new LeaseFile(boot, file.mac(), file.subnets(), file.next(), List.of());
      }
      requireSame(step, file);
      Lease old = file.of(container);
      if (old != null) {
        // The name is ours now: what had it before was never cleaned up.
        unmake(bridge, file, old);
        file = file.with(file.next(), file.without(container));
      }
      requireFree(folder, step);
      int index = file.free();
      if (index < 0) {
        file = withoutStale(bridge, file);
        index = file.free();
      }
      if (index < 0) {
        throw exhausted(bridge, file);
      }
      ProcessIdentity maker = ProcessIdentity.of(linux, linux.processes().pid());
      Lease lease =
          new Lease(
              index,
              newLink(),
              maker == null ? new ProcessIdentity(0, 0) : maker,
              container,
              step.ports());
      List<Lease> leases = new ArrayList<>(file.leases());
      leases.add(lease);
      int next = (index + 1) % file.subnets().get(0).size();
      LeaseFile written = file.with(next, leases);
      folder.write(bridge, written);
      return new Membership(written, lease);
    }
  }

  // Eight digits at random: a name that was never used cannot be mistaken for an older one.
  private String newLink() {
    StringBuilder name = new StringBuilder("jv");
    for (byte b : linux.streams().random(4)) {
      name.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return name.toString();
  }

  private static void requireSame(NetworkStep.LeaseAddresses step, LeaseFile file) {
    for (int i = 0; i < step.subnets().size(); i++) {
      if (i >= file.subnets().size() || !file.subnets().get(i).equals(step.subnets().get(i))) {
        throw NetworkFailure.of(
            Failure.Code.ALREADY_EXISTS,
            "bridge \""
                + step.bridge()
                + "\" has the subnet "
                + file.subnets().get(0)
                + " and not "
                + step.subnets().get(i),
            "leave --subnet out, or take another bridge");
      }
    }
  }

  private static Failure exhausted(String bridge, LeaseFile file) {
    return NetworkFailure.of(
        Failure.Code.SYSTEM,
        "no address is left on bridge \""
            + bridge
            + "\": all "
            + file.subnets().get(0).size()
            + " of "
            + file.subnets().get(0)
            + " are taken",
        "delete containers (\"jrunc network inspect "
            + bridge
            + "\" lists them), or take another bridge with --network bridge:NAME");
  }

  // A pool for a bridge that nobody has yet. A device of its name is somebody else's.
  private LeaseFile found(NetworkFolder folder, NetworkStep.LeaseAddresses step, String boot) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link taken = new Links(socket).named(step.bridge());
      if (taken != null) {
        throw new Bridge(linux, step.bridge()).foreign(taken);
      }
      List<Subnet> used = new ArrayList<>();
      for (Routes.Route route : new Routes(socket).all()) {
        if (route.destination().prefix() > 0) {
          used.add(route.destination());
        }
      }
      for (String other : folder.bridges()) {
        LeaseFile file = folder.read(other);
        if (file != null) {
          used.addAll(file.subnets());
        }
      }
      List<Subnet> subnets = step.subnets().isEmpty() ? pool(used) : checked(step.subnets(), used);
      return new LeaseFile(boot, Bridge.newMac(linux), subnets, 0, List.of());
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot look at this host's network", e);
    }
  }

  private static List<Subnet> checked(List<Subnet> wanted, List<Subnet> used) {
    for (Subnet subnet : wanted) {
      for (Subnet other : used) {
        if (subnet.overlaps(other)) {
          throw NetworkFailure.of(
              Failure.Code.ALREADY_EXISTS,
              "the subnet " + subnet + " overlaps with " + other + ", which this host has",
              "\"ip route\" and \"jrunc network ls\" show what is in use");
        }
      }
    }
    return wanted;
  }

  private List<Subnet> pool(List<Subnet> used) {
    for (int i = 0; i < POOLS; i++) {
      byte[] base = {10, 87, (byte) (4 * i), 0};
      Subnet subnet = new Subnet(IpAddress.of(base), POOL_PREFIX);
      boolean free = true;
      for (Subnet other : used) {
        free &= !subnet.overlaps(other);
      }
      if (free) {
        List<Subnet> subnets = new ArrayList<>(List.of(subnet));
        if (hasVersion6()) {
          subnets.add(uniqueLocal());
        }
        return subnets;
      }
    }
    throw NetworkFailure.of(
        Failure.Code.SYSTEM,
        "no subnet below 10.87.0.0/16 is free on this host",
        "name one with --subnet, such as 10.20.0.0/24");
  }

  private boolean hasVersion6() {
    return new Sysctl(linux).get("ipv6/conf/all/disable_ipv6").equals("0");
  }

  // RFC 4193: fd, 40 bits at random, and a subnet.
  private Subnet uniqueLocal() {
    byte[] base = new byte[16];
    base[0] = (byte) 0xfd;
    System.arraycopy(linux.streams().random(5), 0, base, 1, 5);
    return new Subnet(IpAddress.of(base), PREFIX_6);
  }

  private void requireFree(NetworkFolder folder, NetworkStep.LeaseAddresses step) {
    if (step.ports().isEmpty()) {
      return;
    }
    for (String bridge : folder.bridges()) {
      LeaseFile file = folder.read(bridge);
      if (file == null || !file.boot().equals(NetworkFolder.boot(linux))) {
        continue;
      }
      for (Lease lease : file.leases()) {
        for (PublishedPort theirs : lease.ports()) {
          for (PublishedPort port : step.ports()) {
            if (port.collides(theirs)) {
              throw HostPorts.taken(
                  port,
                  "container \"" + lease.container() + "\" publishes it",
                  "choose another port of the host, or delete that container");
            }
          }
        }
      }
    }
    for (PublishedPort port : step.ports()) {
      new HostPorts(linux).requireFree(port);
    }
  }

  /** Makes the bridge if need be; the lock is held, so that two do not make it at once. */
  int ensure(String bridge, Membership membership) {
    NetworkFolder locked = NetworkFolder.lock(linux, root);
    try {
      return new Bridge(linux, bridge).ensure(membership.file());
    } finally {
      locked.close();
    }
  }

  void connect(
      String bridge, int index, Membership membership, String device, NetworkNamespace there) {
    new Bridge(linux, bridge).connect(index, membership.file(), membership.lease(), device, there);
  }

  void publish(String bridge, Membership membership, List<PublishedPort> ports) {
    new Bridge(linux, bridge).publish(membership.file(), membership.lease(), ports);
  }

  /**
   * What is left to be unmade of a container whose lease is given back: it takes its time.
   *
   * @param next of the lease file then: another container since has moved it on
   */
  public record Remains(String bridge, String link, int next) {}

  /**
   * Gives back what a container has on bridges of this root: its ports are closed and its addresses
   * free afterwards. What it had may be in any file: a crash leaves nothing else to go by.
   */
  public List<Remains> release(String container) {
    List<Remains> remains = new ArrayList<>();
    try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
      if (folder == null) {
        return remains;
      }
      for (String bridge : folder.bridges()) {
        LeaseFile file = readOrNull(folder, bridge);
        Lease lease = file == null ? null : file.of(container);
        if (file != null && lease != null) {
          if (file.boot().equals(NetworkFolder.boot(linux))) {
            new NatTable(linux, bridge).unpublish(file.subnets(), lease.index(), lease.ports());
            remains.add(new Remains(bridge, lease.link(), file.next()));
          } else {
            remains.add(new Remains(bridge, "", file.next()));
          }
          folder.write(bridge, file.with(file.next(), file.without(container)));
        }
      }
    }
    return remains;
  }

  // A damaged file must not keep other containers from being deleted; prune mends it.
  private static @Nullable LeaseFile readOrNull(NetworkFolder folder, String bridge) {
    try {
      return folder.read(bridge);
    } catch (Failure e) {
      return null;
    }
  }

  /** Removes the devices, and each bridge that is left without containers. */
  public void clear(List<Remains> remains) {
    removeLinks(remains);
    removeUnused(remains);
  }

  /** Removes the devices. */
  public void removeLinks(List<Remains> remains) {
    for (Remains each : remains) {
      if (!each.link().isEmpty()) {
        Bridge.removeLink(linux, each.link());
      }
    }
  }

  /** Whether none of the bridges has had a container since. */
  public boolean unusedSince(List<Remains> remains) {
    try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
      boolean unused = folder != null;
      for (Remains each : remains) {
        LeaseFile file = folder == null ? null : readOrNull(folder, each.bridge());
        unused &= file != null && file.leases().isEmpty() && file.next() == each.next();
      }
      return unused;
    }
  }

  /** Removes each bridge that is left without containers. */
  public void removeUnused(List<Remains> remains) {
    for (Remains each : remains) {
      try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
        LeaseFile file = folder == null ? null : readOrNull(folder, each.bridge());
        if (folder != null && file != null && file.leases().isEmpty()) {
          new Bridge(linux, each.bridge()).remove(file.mac());
          folder.remove(each.bridge());
        }
      }
    }
  }

  private void unmake(String bridge, LeaseFile file, Lease lease) {
    new NatTable(linux, bridge).unpublish(file.subnets(), lease.index(), lease.ports());
    Bridge.removeLink(linux, lease.link());
  }

  private LeaseFile withoutStale(String bridge, LeaseFile file) {
    List<Lease> kept = new ArrayList<>();
    for (Lease lease : file.leases()) {
      if (stale(lease)) {
        unmake(bridge, file, lease);
      } else {
        kept.add(lease);
      }
    }
    return file.with(file.next(), kept);
  }

  /** Whether nobody will ever give it back: its container is gone, or was never finished. */
  private boolean stale(Lease lease) {
    String folder = root + "/" + lease.container();
    if (missing(folder)) {
      return true;
    }
    return missing(folder + "/state.json") && !lease.maker().alive(linux);
  }

  private boolean missing(String path) {
    return linux.files().statusOrNull(linux.currentDirectory(), path, FileCalls.NOFOLLOW) == null;
  }

  /** A bridge as it is listed. */
  public record Listed(String bridge, List<Subnet> subnets, List<Member> members, boolean up) {}

  /** A container on a bridge. */
  public record Member(
      String container, String addresses, String link, String ports, boolean stale) {}

  /** All bridges of this root; a damaged file fails. */
  public List<Listed> list() {
    List<Listed> all = new ArrayList<>();
    try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
      if (folder == null) {
        return all;
      }
      String boot = NetworkFolder.boot(linux);
      for (String bridge : folder.bridges()) {
        LeaseFile file = folder.read(bridge);
        if (file != null) {
          all.add(listed(bridge, file, !file.boot().equals(boot)));
        }
      }
    }
    return all;
  }

  private Listed listed(String bridge, LeaseFile file, boolean old) {
    List<Member> members = new ArrayList<>();
    for (Lease lease : file.leases()) {
      members.add(
          new Member(
              lease.container(),
              new Membership(file, lease).written(),
              lease.link(),
              PublishedPort.written(lease.ports()),
              old || stale(lease)));
    }
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = new Links(socket).named(bridge);
      boolean up = link != null && link.mac().equals(file.mac()) && link.up();
      return new Listed(bridge, file.subnets(), members, up);
    }
  }

  /** What prune took away, in sentences. */
  public List<String> prune(List<NetworkRecord> records, List<String> owners) {
    List<String> told = new ArrayList<>();
    try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
      if (folder == null) {
        return told;
      }
      String boot = NetworkFolder.boot(linux);
      for (String bridge : folder.bridges()) {
        LeaseFile file = readOrNull(folder, bridge);
        if (file == null) {
          file = LeaseRepair.rebuild(linux, bridge, boot, records, owners);
          told.add("lease file of " + bridge + " written again");
        }
        prune(folder, bridge, file, boot, told);
      }
    }
    return told;
  }

  private void prune(
      NetworkFolder folder,
      String bridge,
      @Nullable LeaseFile file,
      String boot,
      List<String> told) {
    if (file == null) {
      folder.remove(bridge);
      return;
    }
    LeaseFile current =
        file.boot().equals(boot)
            ? withoutStale(bridge, file)
            : new LeaseFile(boot, file.mac(), file.subnets(), file.next(), List.of());
    for (Lease lease : file.leases()) {
      if (current.of(lease.container()) == null) {
        told.add("lease of container " + lease.container() + " on " + bridge);
      }
    }
    if (current.leases().isEmpty()) {
      new Bridge(linux, bridge).remove(file.mac());
      folder.remove(bridge);
      told.add("bridge " + bridge);
    } else {
      folder.write(bridge, current);
    }
  }
}
