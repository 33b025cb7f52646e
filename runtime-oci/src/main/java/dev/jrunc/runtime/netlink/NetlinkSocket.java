package dev.jrunc.runtime.netlink;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SocketCalls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A line to one part of the kernel, in the network namespace where it was opened: it stays there
 * whatever namespace this process goes to.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** Links, addresses, routes. */
  public static final int ROUTE = 0;

  public static final int NETFILTER = 12;

  private static final int LONGEST = 65536;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final List<NetlinkMessage> NONE = List.of();

  /** Where an answer has the sequence number of what it answers: struct nlmsgerr. */
  private static final int SEQUENCE = 12;

  private static final int CAPPED = 0x100;
  private static final int WITH_ATTRIBUTES = 0x200;

  private final Linux linux;
  private final Descriptor socket;
  private int sequence;

  private NetlinkSocket(Linux linux, Descriptor socket) {
    this.linux = linux;
    this.socket = socket;
  }

  /** Opens a line in the network namespace of this process. */
  public static NetlinkSocket open(Linux linux, int protocol) {
    Descriptor socket = linux.sockets().open(SocketCalls.NETLINK, SocketCalls.RAW, protocol);
    int level = 270;
    int capAck = 10;
    int extAck = 11;
    // Both only make refusals easier to understand.
    linux.sockets().setOptionRaw(socket, level, capAck, 1);
    linux.sockets().setOptionRaw(socket, level, extAck, 1);
    return new NetlinkSocket(linux, socket);
  }

  /** Makes changes in their order with one call; the first that is refused is thrown. */
  public void change(List<NetlinkMessage> messages) {
    byte[] all = new byte[0];
    for (NetlinkMessage message : messages) {
      byte[] one = message.finish(++sequence);
      int length = all.length;
      all = Arrays.copyOf(all, length + one.length);
      System.arraycopy(one, 0, all, length, one.length);
    }
    linux.sockets().sendPlain(socket, all);
    awaitAcknowledged(messages);
  }

  /** Makes one change. */
  public void change(NetlinkMessage message) {
    linux.sockets().sendPlain(socket, message.finish(++sequence));
    awaitAcknowledged(List.of(message));
  }

  /**
   * Sends what netfilter takes as one transaction; only the messages that ask for it are
   * acknowledged.
   *
   * @param acknowledged how many do
   */
  public void transaction(List<NetlinkMessage> messages, int acknowledged) {
    byte[] all = new byte[0];
    for (NetlinkMessage message : messages) {
      byte[] one = message.finish(++sequence);
      int length = all.length;
      all = Arrays.copyOf(all, length + one.length);
      System.arraycopy(one, 0, all, length, one.length);
    }
    linux.sockets().sendPlain(socket, all);
    awaitAcknowledged(acknowledged, NONE);
  }

  private void awaitAcknowledged(List<NetlinkMessage> messages) {
    awaitAcknowledged(messages.size(), messages);
  }

  // All answers are read before the first refusal is thrown: the next request begins with none.
  private void awaitAcknowledged(int count, List<NetlinkMessage> messages) {
    NetlinkFailed failed = null;
    int left = count;
    while (left > 0) {
      for (NetlinkReply reply : receive()) {
        if (reply.type() == NLMSG_ERROR) {
          // The last of the messages has the last sequence number, which its answer repeats.
          int at = messages.size() - 1 - (sequence - reply.intAt(SEQUENCE));
          boolean tolerated = at >= 0 && messages.get(at).tolerates(-reply.intAt(0));
          left--;
          int errno = tolerated ? 0 : -reply.intAt(0);
          if (errno != 0 && failed == null) {
            failed = new NetlinkFailed(errno, sentence(reply));
          }
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  /** Asks for one object. */
  public NetlinkReply get(NetlinkMessage message) {
    linux.sockets().sendPlain(socket, message.finish(++sequence));
    for (NetlinkReply reply : receive()) {
      if (reply.type() != NLMSG_ERROR) {
        return reply;
      }
      if (reply.intAt(0) != 0) {
        throw new NetlinkFailed(-reply.intAt(0), sentence(reply));
      }
    }
    throw new NetlinkFailed(Errno.EIO, "no answer");
  }

  /** Asks for all objects of a kind. */
  public List<NetlinkReply> dump(NetlinkMessage message) {
    linux.sockets().sendPlain(socket, message.finish(++sequence));
    List<NetlinkReply> all = new ArrayList<>();
    while (true) {
      for (NetlinkReply reply : receive()) {
        if (reply.type() == NLMSG_DONE) {
          return all;
        }
        if (reply.type() == NLMSG_ERROR) {
          throw new NetlinkFailed(-reply.intAt(0), sentence(reply));
        }
        all.add(reply);
      }
    }
  }

  private List<NetlinkReply> receive() {
    SocketCalls.Message message = linux.sockets().receive(socket, LONGEST);
    return message == null ? List.of() : split(message.content());
  }

  /** The messages of one datagram. */
  static List<NetlinkReply> split(byte[] datagram) {
    List<NetlinkReply> replies = new ArrayList<>();
    NetlinkReply whole = new NetlinkReply(0, 0, datagram);
    int at = 0;
    while (at + 16 <= datagram.length) {
      int length = whole.intAt(at);
      if (length < 16 || length > datagram.length - at) {
        break;
      }
      replies.add(
          new NetlinkReply(
              whole.shortAt(at + 4),
              whole.shortAt(at + 6),
              Arrays.copyOfRange(datagram, at + 16, at + length)));
      at += (length + 3) & ~3;
    }
    return replies;
  }

  /** The kernel's own words: they follow the request it answers, which is there whole or capped. */
  static String sentence(NetlinkReply error) {
    if ((error.flags() & WITH_ATTRIBUTES) == 0) {
      return "";
    }
    int request = (error.flags() & CAPPED) != 0 ? 16 : error.intAt(4);
    int message = 1;
    return error.attributes(4 + ((request + 3) & ~3)).text(message);
  }

  public Descriptor descriptor() {
    return socket;
  }

  @Override
  public void close() {
    socket.close();
  }
}
