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
 * Moves a device of the host into a container: runtime-spec, config-linux "Network Devices". Its
 * permanent global addresses, which a move takes away, are given back to it there, and it is up
 * afterwards. Nothing is moved back: with the namespace a physical device returns to the host, and
 * a virtual one ends.
 */
public final class DeviceMove {
  private static final int GLOBAL = 0;

  private final Linux linux;

  public DeviceMove(Linux linux) {
    this.linux = linux;
  }

  /**
   * Moves it.
   *
   * @param name its name here
   * @param newName its name there; one with %d gets the first number that is free
   * @param pointer the place in config.json
   */
  public void move(String name, String newName, NetworkNamespace there, String pointer) {
    try (NetlinkSocket ours = NetlinkSocket.open(linux, NetlinkSocket.ROUTE);
        NetlinkSocket theirs = there.netlink(NetlinkSocket.ROUTE)) {
      move(ours, theirs, name, newName, there);
    } catch (NetlinkFailed e) {
      throw failure(name, newName, pointer, e);
    }
  }

  private static void move(
      NetlinkSocket ours,
      NetlinkSocket theirs,
      String name,
      String newName,
      NetworkNamespace there) {
    Link link = new Links(ours).named(name);
    if (link == null) {
      throw new NetlinkFailed(Errno.ENODEV, "");
    }
    List<Addresses.Assigned> kept = new ArrayList<>();
    for (Addresses.Assigned address : new Addresses(ours).all()) {
      if (address.index() == link.index() && address.permanent() && address.scope() == GLOBAL) {
        kept.add(address);
      }
    }
    int index = freeIndex(new Links(theirs).all(), link.index());
    int given = index == link.index() ? 0 : index;
    ours.change(Links.move(link.index(), there.file(), newName, given));
    List<NetlinkMessage> settings = new ArrayList<>();
    for (Addresses.Assigned address : kept) {
      settings.add(Addresses.add(index, address.address(), address.prefix()));
    }
    settings.add(Links.up(index));
    theirs.change(settings);
  }

  // A device keeps its index unless somebody has it there, and then the kernel picks one that it
  // does not tell: so it is picked here.
  private static int freeIndex(List<Link> taken, int wanted) {
    int largest = wanted;
    boolean free = true;
    for (Link link : taken) {
      largest = Math.max(largest, link.index());
      free &= link.index() != wanted;
    }
    return free ? wanted : largest + 1;
  }

  private static Failure failure(String name, String newName, String pointer, NetlinkFailed cause) {
    String hint =
        switch (cause.errno()) {
          case Errno.ENODEV -> "\"ip link\" shows the devices of this network namespace";
          case Errno.EEXIST -> "the container's network namespace has a device \"" + newName + "\"";
          case Errno.EINVAL -> "devices such as lo and bridges cannot be moved";
          case Errno.EPERM -> "CAP_NET_ADMIN over both network namespaces is needed";
          default -> "";
        };
    return Failure.of(
            Failure.Code.SYSTEM,
            "error moving network device \"" + name + "\": " + cause.getMessage())
        .phase("move network device")
        .pointer(pointer)
        .errno(cause.errno())
        .hint(hint)
        .because(cause);
  }
}
