package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkMessage;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of nftables that belongs to a bridge: what leaves its subnets gets the host's address,
 * and published ports lead to containers. The rules are written once by {@code nft(8)}, which
 * compiles them; ports are elements of its maps, which are put in and taken out here, so that a
 * container costs the same however many there are.
 */
final class NatTable {
  private static final int SUBSYSTEM = 10;
  private static final int GET_TABLE = SUBSYSTEM << 8 | 1;
  private static final int DELETE_TABLE = SUBSYSTEM << 8 | 2;
  private static final int NEW_ELEMENT = SUBSYSTEM << 8 | 12;
  private static final int DELETE_ELEMENT = SUBSYSTEM << 8 | 14;
  private static final int BATCH_BEGIN = 16;
  private static final int BATCH_END = 17;
  private static final int INET = 1;
  private static final int BRIDGE = 7;
  private static final int TABLE_NAME = 1;
  private static final int LIST_TABLE = 1;
  private static final int LIST_SET = 2;
  private static final int LIST_ELEMENTS = 3;
  private static final int LIST_ELEMENT = 1;
  private static final int KEY = 1;
  private static final int DATA = 2;
  private static final int VALUE = 1;
  private static final int NFT_SECONDS = 30;

  private final Linux linux;
  private final String bridge;
  private final String table;

  NatTable(Linux linux, String bridge) {
    this.linux = linux;
    this.bridge = bridge;
    this.table = "jrunc-" + bridge;
  }

  boolean exists() {
    try (NetlinkSocket socket = open()) {
      socket.get(message(GET_TABLE, 0).attribute(TABLE_NAME, table));
      return true;
    } catch (NetlinkFailed e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw failure("cannot look at nftables", e);
    }
  }

  /** Makes the table; one that is there is replaced, in one transaction. */
  void create(List<Subnet> subnets, NatRules.Loopback6 loopback) {
    HelperProgram programs = new HelperProgram(linux);
    String nft = programs.find("nft");
    if (nft == null) {
      throw NetworkFailure.of(
          Failure.Code.UNSUPPORTED,
          "no nft program: the bridge \"" + bridge + "\" cannot get its rules",
          "install nftables, or use --network none, cni:NAME, pasta or slirp4netns");
    }
    List<String> words = List.of(nft, "-f", "-");
    String rules = NatRules.script(table, bridge, subnets, loopback);
    HelperProgram.Outcome outcome =
        programs.run(nft, words, List.of(), rules + NatRules.quiet(table), NFT_SECONDS);
    if (!outcome.went()) {
      // Not every kernel has the family of bridges, which only makes many containers faster.
      outcome = programs.run(nft, words, List.of(), rules, NFT_SECONDS);
    }
    if (!outcome.went()) {
      throw NetworkFailure.of(
          Failure.Code.SYSTEM,
          "nft cannot make the rules of bridge \""
              + bridge
              + "\": "
              + outcome.how()
              + (outcome.errors().isEmpty() ? "" : ": " + outcome.errors()),
          "the kernel needs nf_tables with nat, masq and fib");
    }
  }

  /**
   * Lets ports of the host lead to a container.
   *
   * @param container its addresses, one of each family that it has
   */
  void publish(List<IpAddress> container, List<PublishedPort> ports) {
    try (NetlinkSocket socket = open()) {
      elements(socket, NEW_ELEMENT, NetlinkMessage.CREATE, container, ports);
    } catch (NetlinkFailed e) {
      throw failure("cannot publish ports of bridge \"" + bridge + "\"", e);
    }
  }

  /**
   * Takes back what {@link #publish} did, as far as it is there. Nobody reaches the ports any more
   * when this comes back, but to close the socket waits for the kernel's readers of the rules.
   */
  void unpublish(NetlinkSocket socket, List<IpAddress> container, List<PublishedPort> ports) {
    if (takenOut(socket, container, ports)) {
      return;
    }
    // Some were not there, and nothing of a transaction is done that fails.
    for (PublishedPort port : ports) {
      for (IpAddress address : container) {
        takenOut(socket, List.of(address), List.of(port));
      }
    }
  }

  // Where somebody has flushed the rules the port is not published any more: that is no failure.
  private boolean takenOut(
      NetlinkSocket socket, List<IpAddress> container, List<PublishedPort> ports) {
    try {
      elements(socket, DELETE_ELEMENT, 0, container, ports);
      return true;
    } catch (NetlinkFailed e) {
      return false;
    }
  }

  private void elements(
      NetlinkSocket socket,
      int type,
      int flags,
      List<IpAddress> container,
      List<PublishedPort> ports) {
    List<NetlinkMessage> messages = new ArrayList<>();
    messages.add(batch(BATCH_BEGIN));
    for (PublishedPort port : ports) {
      for (IpAddress address : container) {
        IpAddress at = port.address();
        if (at == null || at.isVersion6() == address.isVersion6()) {
          messages.add(element(type, flags, port, address));
        }
      }
    }
    int count = messages.size() - 1;
    messages.add(batch(BATCH_END));
    if (count > 0) {
      socket.transaction(messages, count);
    }
  }

  private NetlinkMessage element(int type, int flags, PublishedPort port, IpAddress container) {
    IpAddress at = port.address();
    String set = (at == null ? "any" : "one") + (container.isVersion6() ? "6" : "4");
    NetlinkMessage message =
        message(type, flags | NetlinkMessage.ACK)
            .attribute(LIST_TABLE, table)
            .attribute(LIST_SET, set);
    int list = message.begin(LIST_ELEMENTS | NetlinkMessage.NESTED);
    int element = message.begin(LIST_ELEMENT | NetlinkMessage.NESTED);
    byte[] protocol = {(byte) port.protocol().number(), 0, 0, 0};
    byte[] before = at == null ? protocol : joined(at.bytes(), protocol);
    value(message, KEY, joined(before, service(port.hostPort())));
    value(message, DATA, joined(container.bytes(), service(port.containerPort())));
    return message.end(element).end(list);
  }

  private static void value(NetlinkMessage message, int type, byte[] value) {
    int nest = message.begin(type | NetlinkMessage.NESTED);
    message.attribute(VALUE, value).end(nest);
  }

  // Each part of what is joined takes a multiple of four bytes.
  private static byte[] service(int port) {
    return new byte[] {(byte) (port >> 8), (byte) port, 0, 0};
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Takes all rules away; none is no failure. */
  void remove() {
    try {
      remove(BRIDGE);
      remove(INET);
    } catch (NetlinkFailed e) {
      throw failure("cannot remove the rules of bridge \"" + bridge + "\"", e);
    }
  }

  private void remove(int family) {
    List<NetlinkMessage> messages = new ArrayList<>();
    messages.add(batch(BATCH_BEGIN));
    messages.add(message(DELETE_TABLE, NetlinkMessage.ACK, family).attribute(TABLE_NAME, table));
    messages.add(batch(BATCH_END));
    try (NetlinkSocket socket = open()) {
      socket.transaction(messages, 1);
    } catch (NetlinkFailed e) {
      boolean gone = e.errno() == Errno.ENOENT;
      if (!gone && family == INET) {
        throw e;
      }
    }
  }

  NetlinkSocket open() {
    try {
      return NetlinkSocket.open(linux, NetlinkSocket.NETFILTER);
    } catch (dev.jrunc.kernel.SyscallFailed e) {
      throw NetworkFailure.of(
          Failure.Code.UNSUPPORTED,
          "this kernel has no nftables: " + Errno.message(e.errno()),
          "it needs CONFIG_NF_TABLES; use --network none, cni:NAME, pasta or slirp4netns");
    }
  }

  private static NetlinkMessage message(int type, int flags) {
    return message(type, flags, INET);
  }

  // struct nfgenmsg: family, version, a number in the order of the network.
  private static NetlinkMessage message(int type, int flags, int family) {
    return new NetlinkMessage(type, flags).byteOf(family).byteOf(0).shortOf(0);
  }

  private static NetlinkMessage batch(int type) {
    return new NetlinkMessage(type, 0).byteOf(0).byteOf(0).byteOf(0).byteOf(SUBSYSTEM);
  }

  private static Failure failure(String what, NetlinkFailed cause) {
    return NetworkFailure.of(what, cause);
  }
}
