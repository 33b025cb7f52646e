package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;

/**
 * Puts containers on bridges: who has which address and port is decided under one lock for all
 * bridges of a root. A lease is written before anything is made for it.
 */
final class BridgeNetwork {
  private final Linux linux;
  private final String root;
  private final StaleLeases stale;

  BridgeNetwork(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
    this.stale = new StaleLeases(linux, root);
  }

  /** Takes an address and ports for a container; a bridge that is new gets its pool. */
  Membership lease(NetworkStep.LeaseAddresses step, String container) {
    String bridge = step.bridge();
    try (NetworkFolder folder = NetworkFolder.lock(linux, root)) {
      String boot = NetworkFolder.boot(linux);
      LeaseFile file = folder.read(bridge);
      if (file == null) {
        file = new Pools(linux).found(folder, step, boot);
      } else if (!file.boot().equals(boot)) {
        // After a reboot nobody has anything of it.
        file = new LeaseFile(boot, file.mac(), file.subnets(), file.next(), List.of());
      }
      requireSame(step, file);
      Lease old = file.of(container);
      if (old != null) {
        // The name is ours now: what had it before was never cleaned up.
        stale.unmake(bridge, file, old);
        file = file.without(container);
      }
      requireFree(folder, step);
      AddressChoice choice = AddressChoice.of(bridge, file.subnets(), step.wishes());
      if (choice.conflict(file) != null || choice.indexIn(file) < 0) {
        file = stale.without(bridge, file);
      }
      if (choice.conflict(file) != null) {
        throw choice.taken(file);
      }
      int index = choice.indexIn(file);
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
              step.ports(),
              choice.six(),
              choice.mac());
      // A wish does not move the search for those who have none.
      int next = choice.index() < 0 ? (index + 1) % file.subnets().get(0).size() : file.next();
      LeaseFile written = file.plus(next, lease);
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
}
