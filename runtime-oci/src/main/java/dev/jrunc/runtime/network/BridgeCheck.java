package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkSocket;

/** Whether a container on a bridge still has what it was given. */
final class BridgeCheck {
  private BridgeCheck() {}

  static void check(Linux linux, NetworkRecord record, int pid) {
    String link = record.value(NetworkRecord.LINK);
    String bridge = record.value(NetworkRecord.NAME);
    try (NetlinkSocket ours = NetlinkSocket.open(linux, NetlinkSocket.ROUTE);
        NetworkNamespace there = NetworkNamespace.of(linux, pid);
        NetlinkSocket theirs = there.netlink(NetlinkSocket.ROUTE)) {
      Link master = new Links(ours).named(bridge);
      Link end = new Links(ours).named(link);
      require(master != null && master.up(), "bridge \"" + bridge + "\" is not up");
      require(
          end != null && master != null && end.master() == master.index(),
          "device \"" + link + "\" is no port of \"" + bridge + "\"");
      Link inside = new Links(theirs).named(record.value(NetworkRecord.DEVICE));
      require(inside != null && inside.up(), "the container's device is not up");
      String wanted = record.value(NetworkRecord.ADDRESSES);
      for (Addresses.Assigned has : new Addresses(theirs).all()) {
        if (inside != null && has.index() == inside.index()) {
          wanted = wanted.replace(has.address() + "/" + has.prefix(), "");
        }
      }
      require(wanted.trim().isEmpty(), "the container has lost the address " + wanted.trim());
      require(new NatTable(linux, bridge).exists(), "the rules of \"" + bridge + "\" are gone");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw Failure.of(Failure.Code.SYSTEM, otherwise)
          .phase("check network")
          .hint("somebody has changed it; a new container gets it anew")
          .build();
    }
  }
}
