package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkMessage;
import dev.jrunc.runtime.netlink.NetlinkReply;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Network devices of one network namespace, see rtnetlink(7) and linux/if_link.h. */
public final class Links {
  static final int NEW_LINK = 16;
  private static final int DELETE_LINK = 17;
  private static final int GET_LINK = 18;

  /** struct ifinfomsg: family, padding, type of 16 bits, index, flags, which flags to change. */
  static final int STRUCTURE = 16;

  private static final int UP = 1;

  private static final int ADDRESS = 1;
  private static final int NAME = 3;
  private static final int MTU = 4;
  private static final int PARENT = 5;
  private static final int MASTER = 10;
  private static final int LINK_INFO = 18;
  private static final int FAMILIES = 26;
  private static final int NAMESPACE_FD = 28;
  private static final int NEW_INDEX = 49;
  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int SLAVE_KIND = 4;
  private static final int SLAVE_DATA = 5;
  private static final int PORT_HAIRPIN = 4;
  private static final int VETH_PEER = 1;
  private static final int INET6 = 10;
  private static final int ADDRESS_MODE = 8;
  private static final int BY_HAND = 1;
  private static final int MACVLAN_MODE = 1;
  private static final int MACVLAN_BRIDGE = 4;

  private final NetlinkSocket socket;

  public Links(NetlinkSocket socket) {
    this.socket = socket;
  }

  private static NetlinkMessage message(int type, int flags, int index, int set, int change) {
    return new NetlinkMessage(type, flags)
        .byteOf(0)
        .byteOf(0)
        .shortOf(0)
        .intOf(index)
        .intOf(set)
        .intOf(change);
  }

  private static NetlinkMessage create(boolean up) {
    int flags = NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
    return message(NEW_LINK, flags, 0, up ? UP : 0, up ? UP : 0);
  }

  private static NetlinkMessage change(int index, int set, int mask) {
    return message(NEW_LINK, NetlinkMessage.ACK, index, set, mask);
  }

  private static NetlinkMessage kind(NetlinkMessage message, String kind) {
    int info = message.begin(LINK_INFO);
    message.attribute(INFO_KIND, kind);
    return message.end(info);
  }

  /** A bridge that is up. */
  public static NetlinkMessage bridge(String name, byte[] mac) {
    return kind(create(true).attribute(NAME, name).attribute(ADDRESS, mac), "bridge");
  }

  public static NetlinkMessage dummy(String name) {
    return kind(create(false).attribute(NAME, name), "dummy");
  }

  /** A device with an address of its own on another one, in bridge mode. */
  public static NetlinkMessage macvlan(String name, int parent) {
    NetlinkMessage message = create(false).attribute(NAME, name).attribute(PARENT, parent);
    int info = message.begin(LINK_INFO);
    message.attribute(INFO_KIND, "macvlan");
    int data = message.begin(INFO_DATA);
    message.attribute(MACVLAN_MODE, MACVLAN_BRIDGE);
    return message.end(data).end(info);
  }

  /** One end of a pair of devices, as it is made. */
  public record VethEnd(
      String name, byte @Nullable [] mac, int master, @Nullable Descriptor namespace) {}

  /** A pair of devices in one message, so that there is never one end alone. Both are down. */
  public static NetlinkMessage veth(VethEnd ours, VethEnd theirs) {
    NetlinkMessage message = end(create(false), ours);
    int info = message.begin(LINK_INFO);
    message.attribute(INFO_KIND, "veth");
    int data = message.begin(INFO_DATA);
    int peer = message.begin(VETH_PEER);
    message.byteOf(0).byteOf(0).shortOf(0).intOf(0).intOf(0).intOf(0);
    return end(message, theirs).end(peer).end(data).end(info);
  }

  private static NetlinkMessage end(NetlinkMessage message, VethEnd end) {
    message.attribute(NAME, end.name());
    if (end.mac() != null) {
      message.attribute(ADDRESS, end.mac());
    }
    if (end.master() != 0) {
      message.attribute(MASTER, end.master());
    }
    if (end.namespace() != null) {
      message.attribute(NAMESPACE_FD, end.namespace().number());
    }
    return message;
  }

  public static NetlinkMessage up(int index) {
    return change(index, UP, UP);
  }

  /** As {@link #up(int)} for a device that was made just now, whose index nobody has asked for. */
  public static NetlinkMessage up(String name) {
    return change(0, UP, UP).attribute(NAME, name);
  }

  /**
   * Keeps the kernel from giving a device an address of IPv6 by itself when it comes up. A kernel
   * without IPv6 refuses to, and gives none.
   */
  public static NetlinkMessage addressesByHand(int index) {
    return byHand(change(index, 0, 0));
  }

  /** As {@link #addressesByHand(int)} by the name. */
  public static NetlinkMessage addressesByHand(String name) {
    return byHand(change(0, 0, 0).attribute(NAME, name));
  }

  private static NetlinkMessage byHand(NetlinkMessage message) {
    int families = message.begin(FAMILIES);
    int six = message.begin(INET6);
    message.attributeByte(ADDRESS_MODE, BY_HAND);
    return message.end(six).end(families).whereSupported();
  }

  public static NetlinkMessage down(int index) {
    return change(index, 0, UP);
  }

  /** Makes a device a port of a bridge, of none for 0. */
  public static NetlinkMessage master(int index, int master) {
    return change(index, 0, 0).attribute(MASTER, master);
  }

  /**
   * Lets a bridge send out of a port what came in by it: with bridge-nf-call-iptables a container
   * that asks for its own published port is sent back without leaving the bridge.
   */
  public static NetlinkMessage hairpin(int index) {
    NetlinkMessage message = change(index, 0, 0);
    int info = message.begin(LINK_INFO);
    message.attribute(SLAVE_KIND, "bridge");
    int data = message.begin(SLAVE_DATA);
    message.attributeByte(PORT_HAIRPIN, 1);
    return message.end(data).end(info);
  }

  /** Gives a name; one with %d gets the first number that is free. */
  public static NetlinkMessage rename(int index, String name) {
    return change(index, 0, 0).attribute(NAME, name);
  }

  public static NetlinkMessage mtu(int index, int mtu) {
    return change(index, 0, 0).attribute(MTU, mtu);
  }

  /**
   * Moves a device to another network namespace and names it there. It goes down: the kernel takes
   * it down anyway, and only in this way has whoever listens seen it go.
   *
   * @param newIndex its index there, 0 to keep it, which fails where it is taken
   */
  public static NetlinkMessage move(int index, Descriptor namespace, String name, int newIndex) {
    NetlinkMessage message =
        change(index, 0, UP).attribute(NAMESPACE_FD, namespace.number()).attribute(NAME, name);
    return newIndex == 0 ? message : message.attribute(NEW_INDEX, newIndex);
  }

  public static NetlinkMessage delete(int index) {
    return message(DELETE_LINK, NetlinkMessage.ACK, index, 0, 0);
  }

  /** The device of a name, null if there is none. */
  public @Nullable Link named(String name) {
    try {
      return read(socket.get(message(GET_LINK, 0, 0, 0, 0).attribute(NAME, name)));
    } catch (NetlinkFailed e) {
      return absent(e);
    }
  }

  private static @Nullable Link absent(NetlinkFailed failed) {
    if (failed.errno() == Errno.ENODEV || failed.errno() == Errno.EINVAL) {
      return null;
    }
    throw failed;
  }

  public List<Link> all() {
    List<Link> links = new ArrayList<>();
    for (NetlinkReply reply : socket.dump(message(GET_LINK, NetlinkMessage.DUMP, 0, 0, 0))) {
      links.add(read(reply));
    }
    return links;
  }

  static Link read(NetlinkReply reply) {
    NetlinkReply.Attributes attributes = reply.attributes(STRUCTURE);
    byte[] mac = attributes.bytes(ADDRESS);
    return new Link(
        reply.intAt(4),
        attributes.text(NAME),
        attributes.nested(LINK_INFO).text(INFO_KIND),
        mac == null || mac.length != 6 ? "" : written(mac),
        attributes.number(MTU, 0),
        attributes.number(MASTER, 0),
        (reply.intAt(8) & UP) != 0);
  }

  /** A hardware address as people write it. */
  public static String written(byte[] mac) {
    StringBuilder text = new StringBuilder(17);
    for (byte b : mac) {
      text.append(text.isEmpty() ? "" : ":");
      text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return text.toString();
  }
}
