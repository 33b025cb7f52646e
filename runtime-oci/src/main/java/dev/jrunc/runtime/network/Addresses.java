package dev.jrunc.runtime.network;

import dev.jrunc.runtime.netlink.NetlinkMessage;
import dev.jrunc.runtime.netlink.NetlinkReply;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/** Addresses of the network devices of one network namespace, see linux/if_addr.h. */
public final class Addresses {
  private static final int NEW_ADDRESS = 20;
  private static final int GET_ADDRESS = 22;

  /** struct ifaddrmsg: family, prefix, flags, scope, index. */
  private static final int STRUCTURE = 8;

  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int ADDRESS = 1;
  private static final int LOCAL = 2;
  private static final int BROADCAST = 4;
  private static final int FLAGS = 8;

  /** No search for who else has the address: it takes a second, and it was leased to be ours. */
  private static final int NO_DETECTION = 0x02;

  private static final int PERMANENT = 0x80;

  private final NetlinkSocket socket;

  public Addresses(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * An address of a device.
   *
   * @param scope 0 is global, 253 the link's own, 254 the host's own
   */
  public record Assigned(int index, IpAddress address, int prefix, int scope, boolean permanent) {}

  public static NetlinkMessage add(int index, IpAddress address, int prefix) {
    boolean six = address.isVersion6();
    int flags = NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
    NetlinkMessage message =
        new NetlinkMessage(NEW_ADDRESS, flags)
            .byteOf(six ? INET6 : INET)
            .byteOf(prefix)
            .byteOf(six ? NO_DETECTION : 0)
            .byteOf(0)
            .intOf(index)
            .attribute(LOCAL, address.bytes())
            .attribute(ADDRESS, address.bytes());
    if (!six && prefix < 31) {
      message.attribute(BROADCAST, broadcast(address, prefix).bytes());
    }
    return message;
  }

  /** What the kernel would give a device of itself: RFC 4291, appendix A. */
  static IpAddress linkLocal(byte[] mac) {
    byte[] bytes = new byte[16];
    bytes[0] = (byte) 0xfe;
    bytes[1] = (byte) 0x80;
    System.arraycopy(mac, 0, bytes, 8, 3);
    bytes[8] ^= 2;
    bytes[11] = (byte) 0xff;
    bytes[12] = (byte) 0xfe;
    System.arraycopy(mac, 3, bytes, 13, 3);
    return IpAddress.of(bytes);
  }

  private static IpAddress broadcast(IpAddress address, int prefix) {
    byte[] bytes = address.bytes();
    for (int bit = prefix; bit < 32; bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return IpAddress.of(bytes);
  }

  public List<Assigned> all() {
    NetlinkMessage message = new NetlinkMessage(GET_ADDRESS, NetlinkMessage.DUMP).intOf(0).intOf(0);
    List<Assigned> all = new ArrayList<>();
    for (NetlinkReply reply : socket.dump(message)) {
      NetlinkReply.Attributes attributes = reply.attributes(STRUCTURE);
      // With a peer, ADDRESS is the peer's and LOCAL ours.
      byte[] local = attributes.bytes(LOCAL);
      byte[] bytes = local == null ? attributes.bytes(ADDRESS) : local;
      int flags = attributes.number(FLAGS, reply.byteAt(2));
      if (bytes != null && (bytes.length == 4 || bytes.length == 16)) {
        all.add(
            new Assigned(
                reply.intAt(4),
                IpAddress.of(bytes),
                reply.byteAt(1),
                reply.byteAt(3),
                (flags & PERMANENT) != 0));
      }
    }
    return all;
  }
}
