package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a lease file again from what each container's own record says. */
final class LeaseRepair {
  private LeaseRepair() {}

  /**
   * The file of a bridge; null where neither a container nor a device is left of it.
   *
   * @param owners the container of each record
   */
  static @Nullable LeaseFile rebuild(
      Linux linux, String bridge, String boot, List<NetworkRecord> records, List<String> owners) {
    List<Subnet> subnets = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      NetworkRecord record = records.get(i);
      boolean here =
          record.value(NetworkRecord.MODE).equals("bridge")
              && record.value(NetworkRecord.NAME).equals(bridge)
              && !record.value(NetworkRecord.ADDRESSES).isEmpty();
      if (here) {
        List<Subnet> own = subnets(record.value(NetworkRecord.ADDRESSES));
        if (subnets.isEmpty()) {
          subnets.addAll(own);
        }
        leases.add(lease(record, owners.get(i), own));
      }
    }
    String mac = mac(linux, bridge);
    if (subnets.isEmpty()) {
      // The device may be left: with a pool that nobody has it is removed like any other.
      Subnet none = new Subnet(IpAddress.of(new byte[] {10, 87, 0, 0}), 22);
      return mac.isEmpty() ? null : new LeaseFile(boot, mac, List.of(none), 0, List.of());
    }
    return new LeaseFile(
        boot, mac.isEmpty() ? Bridge.newMac(linux) : mac, subnets, leases.size(), leases);
  }

  private static String mac(Linux linux, String bridge) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = new Links(socket).named(bridge);
      boolean ours = link != null && link.kind().equals("bridge") && Bridge.isOurs(link.mac());
      return ours && link != null ? link.mac() : "";
    }
  }

  private static List<Subnet> subnets(String addresses) {
    List<Subnet> subnets = new ArrayList<>();
    int at = 0;
    while (at < addresses.length()) {
      int space = addresses.indexOf(' ', at);
      int end = space < 0 ? addresses.length() : space;
      int slash = addresses.indexOf('/', at);
      IpAddress address = slash < 0 ? null : IpAddress.parse(addresses.substring(at, slash));
      if (address != null) {
        int prefix = Integer.parseInt(addresses.substring(slash + 1, end));
        subnets.add(new Subnet(address.masked(prefix), prefix));
      }
      at = end + 1;
    }
    return subnets;
  }

  private static Lease lease(NetworkRecord record, String container, List<Subnet> subnets) {
    String addresses = record.value(NetworkRecord.ADDRESSES);
    IpAddress first =
        java.util.Objects.requireNonNull(
            IpAddress.parse(addresses.substring(0, addresses.indexOf('/'))));
    int index = subnets.get(0).index(first);
    IpAddress six = null;
    int space = addresses.indexOf(' ');
    if (space >= 0 && subnets.size() > 1) {
      IpAddress second =
          IpAddress.parse(addresses.substring(space + 1, addresses.lastIndexOf('/')));
      six = second == null || second.equals(subnets.get(1).host(index)) ? null : second;
    }
    return new Lease(
        index,
        record.value(NetworkRecord.LINK),
        new ProcessIdentity(0, 0),
        container,
        PublishedPort.readAll(record.value(NetworkRecord.PORTS)),
        six,
        record.value(NetworkRecord.MAC));
  }
}
