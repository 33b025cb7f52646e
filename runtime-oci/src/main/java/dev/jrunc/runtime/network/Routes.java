package dev.jrunc.runtime.network;

import dev.jrunc.runtime.netlink.NetlinkMessage;
import dev.jrunc.runtime.netlink.NetlinkReply;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Routes of one network namespace, see rtnetlink(7). */
public final class Routes {
  private static final int NEW_ROUTE = 24;
  private static final int GET_ROUTE = 26;

  /** struct rtmsg: family, two prefixes, tos, table, protocol, scope, type, flags. */
  private static final int STRUCTURE = 12;

  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int TABLE_MAIN = 254;
  private static final int TABLE_LOCAL = 255;
  private static final int PROTOCOL_STATIC = 4;
  private static final int UNICAST = 1;
  private static final int LOCAL = 2;
  private static final int DESTINATION = 1;
  private static final int OUT = 4;
  private static final int GATEWAY = 5;
  private static final int PRIORITY = 6;
  private static final int LAST = 2048;

  private final NetlinkSocket socket;

  public Routes(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * A route of the main table.
   *
   * @param gateway null where the destination is on the link itself
   */
  public record Route(Subnet destination, @Nullable IpAddress gateway, int index) {}

  /** The way to everywhere. */
  public static NetlinkMessage addDefault(IpAddress gateway, int index) {
    int flags = NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
    return new NetlinkMessage(NEW_ROUTE, flags)
        .byteOf(gateway.isVersion6() ? INET6 : INET)
        .byteOf(0)
        .byteOf(0)
        .byteOf(0)
        .byteOf(TABLE_MAIN)
        .byteOf(PROTOCOL_STATIC)
        .byteOf(0)
        .byteOf(UNICAST)
        .intOf(0)
        .attribute(GATEWAY, gateway.bytes())
        .attribute(OUT, index);
  }

  /** Lets what comes in by a device be for ::1; the host's own way there stays the first. */
  static NetlinkMessage loopback(int index) {
    byte[] address = new byte[16];
    address[15] = 1;
    int flags = NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
    return new NetlinkMessage(NEW_ROUTE, flags)
        .byteOf(INET6)
        .byteOf(128)
        .byteOf(0)
        .byteOf(0)
        .byteOf(TABLE_LOCAL)
        .byteOf(PROTOCOL_STATIC)
        .byteOf(0)
        .byteOf(LOCAL)
        .intOf(0)
        .attribute(DESTINATION, address)
        .attribute(OUT, index)
        // Each bridge has another: two routes of one would share what they carry.
        .attribute(PRIORITY, LAST + index);
  }

  /** The unicast routes of the main table, of both families. */
  public List<Route> all() {
    List<Route> all = new ArrayList<>();
    all.addAll(all(INET));
    all.addAll(all(INET6));
    return all;
  }

  private List<Route> all(int family) {
    NetlinkMessage message =
        new NetlinkMessage(GET_ROUTE, NetlinkMessage.DUMP).intOf(family).intOf(0).intOf(0);
    List<Route> all = new ArrayList<>();
    for (NetlinkReply reply : socket.dump(message)) {
      if (reply.byteAt(4) == TABLE_MAIN && reply.byteAt(7) == UNICAST) {
        NetlinkReply.Attributes attributes = reply.attributes(STRUCTURE);
        byte[] destination = attributes.bytes(DESTINATION);
        byte[] gateway = attributes.bytes(GATEWAY);
        IpAddress base =
            IpAddress.of(destination == null ? new byte[family == INET ? 4 : 16] : destination);
        all.add(
            new Route(
                new Subnet(base, reply.byteAt(1)),
                gateway == null ? null : IpAddress.of(gateway),
                attributes.number(OUT, 0)));
      }
    }
    return all;
  }
}
