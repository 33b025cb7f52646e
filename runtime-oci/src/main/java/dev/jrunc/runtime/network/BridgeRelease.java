package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes containers off their bridges, and bridges away that are left without containers. */
public final class BridgeRelease {
  private final Linux linux;
  private final String root;

  /**
   * @param root folder of all containers
   */
  public BridgeRelease(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

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
        LeaseFile file = folder.readOrNull(bridge);
        Lease lease = file == null ? null : file.of(container);
        if (file != null && lease != null) {
          if (file.boot().equals(NetworkFolder.boot(linux))) {
            NetlinkSocket rules = unpublish(bridge, file, lease);
            remains.add(new Remains(bridge, lease.link(), file.next(), rules));
          } else {
            remains.add(new Remains(bridge, "", file.next(), null));
          }
          folder.write(bridge, file.without(container));
        }
      }
    }
    return remains;
  }

  private @Nullable NetlinkSocket unpublish(String bridge, LeaseFile file, Lease lease) {
    if (lease.ports().isEmpty()) {
      return null;
    }
    NatTable table = new NatTable(linux, bridge);
    NetlinkSocket socket = table.open();
    table.unpublish(socket, lease.addresses(file.subnets()), lease.ports());
    return socket;
  }

  /** Removes the devices, and each bridge that is left without containers. */
  public void clear(List<Remains> remains) {
    removeLinks(remains);
    removeUnused(remains);
    for (Remains each : remains) {
      each.close();
    }
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
        LeaseFile file = folder == null ? null : folder.readOrNull(each.bridge());
        unused &= file != null && file.isEmpty() && file.next() == each.next();
      }
      return unused;
    }
  }

  /** Removes each bridge that is left without containers. */
  public void removeUnused(List<Remains> remains) {
    for (Remains each : remains) {
      try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
        LeaseFile file = folder == null ? null : folder.readOrNull(each.bridge());
        if (folder != null && file != null && file.isEmpty()) {
          new Bridge(linux, each.bridge()).remove(file.mac());
          folder.remove(each.bridge());
        }
      }
    }
  }
}
