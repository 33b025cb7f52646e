package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/** Tells which bridges there are and who is on them. */
public final class BridgeListing {
  private final Linux linux;
  private final String root;

  /**
   * @param root folder of all containers
   */
  public BridgeListing(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
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
    StaleLeases leases = new StaleLeases(linux, root);
    List<Member> members = new ArrayList<>();
    for (Lease lease : file.leases()) {
      members.add(
          new Member(
              lease.container(),
              new Membership(file, lease).written(),
              lease.link(),
              PublishedPort.written(lease.ports()),
              old || leases.isStale(lease)));
    }
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = new Links(socket).named(bridge);
      boolean up = link != null && link.mac().equals(file.mac()) && link.up();
      return new Listed(bridge, file.subnets(), members, up);
    }
  }
}
