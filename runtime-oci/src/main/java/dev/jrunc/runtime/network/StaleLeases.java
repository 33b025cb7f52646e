package dev.jrunc.runtime.network;

import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/** Leases that nobody gives back: who had them was killed, or lost its folder. */
final class StaleLeases {
  private final Linux linux;
  private final String root;

  /**
   * @param root folder of all containers
   */
  StaleLeases(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

  /** Takes away what was made for a lease. */
  void unmake(String bridge, LeaseFile file, Lease lease) {
    if (!lease.ports().isEmpty()) {
      NatTable table = new NatTable(linux, bridge);
      try (NetlinkSocket socket = table.open()) {
        table.unpublish(socket, lease.addresses(file.subnets()), lease.ports());
      }
    }
    Bridge.removeLink(linux, lease.link());
  }

  /** The file without them; what they had is unmade. */
  LeaseFile without(String bridge, LeaseFile file) {
    List<Lease> kept = new ArrayList<>();
    for (Lease lease : file.leases()) {
      if (isStale(lease)) {
        unmake(bridge, file, lease);
      } else {
        kept.add(lease);
      }
    }
    return file.with(file.next(), kept);
  }

  /** Whether nobody will ever give it back: its container is gone, or was never finished. */
  boolean isStale(Lease lease) {
    String folder = root + "/" + lease.container();
    if (missing(folder)) {
      return true;
    }
    return missing(folder + "/state.json") && !lease.maker().alive(linux);
  }

  private boolean missing(String path) {
    return linux.files().statusOrNull(linux.currentDirectory(), path, FileCalls.NOFOLLOW) == null;
  }
}
