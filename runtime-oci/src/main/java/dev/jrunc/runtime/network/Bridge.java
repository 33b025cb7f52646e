package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkMessage;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import dev.jrunc.runtime.rootfs.PrivateProc;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One bridge of the host: the device, its rules, and the pairs of devices that end in it. */
final class Bridge {
  /** How a hardware address of ours begins: given out locally, for one station. */
  private static final int[] MAC = {0x06, 0x6a};

  private static final int ADDRESS_MAC = 0x02;
  private static final int LINK_PREFIX = 64;

  private final Linux linux;
  private final String name;

  Bridge(Linux linux, String name) {
    this.linux = linux;
    this.name = name;
  }

  /** A hardware address for a bridge, by which it will be known again. */
  static String newMac(Linux linux) {
    byte[] random = linux.streams().random(4);
    byte[] mac = new byte[6];
    mac[0] = (byte) MAC[0];
    mac[1] = (byte) MAC[1];
    System.arraycopy(random, 0, mac, 2, 4);
    return Links.written(mac);
  }

  // The same for the same address, so that what neighbours have learned of it stays right when it
  // goes from one container to the next.
  static byte[] mac(IpAddress address) {
    byte[] mac = new byte[6];
    mac[0] = (byte) ADDRESS_MAC;
    mac[1] = (byte) MAC[1];
    byte[] bytes = address.bytes();
    System.arraycopy(bytes, bytes.length - 4, mac, 2, 4);
    return mac;
  }

  /** The device if it is there and ours; one that is not ours is refused. */
  @Nullable Link device(NetlinkSocket socket, String mac) {
    Link link = new Links(socket).named(name);
    if (link != null && !(link.kind().equals("bridge") && link.mac().equals(mac))) {
      throw foreign(link);
    }
    return link;
  }

  Failure foreign(Link link) {
    String kind = link.kind().isEmpty() ? "device" : link.kind();
    return Failure.of(
            Failure.Code.ALREADY_EXISTS,
            "bridge name \"" + name + "\" is in use by a " + kind + " that jrunc has not made")
        .phase("ensure bridge")
        .errno(Errno.EEXIST)
        .hint("--network bridge:NAME takes another name; a bridge belongs to one --root")
        .build();
  }

  /** Makes what is missing of it: device, addresses, rules, switches. Gives its index. */
  int ensure(LeaseFile file) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = device(socket, file.mac());
      boolean made = link == null;
      if (link == null) {
        socket.change(Links.bridge(name, bytes(file.mac())));
        link = new Links(socket).named(name);
      }
      if (link == null) {
        throw new NetlinkFailed(Errno.ENODEV, "the bridge is gone again");
      }
      if (made) {
        configure(socket, link.index(), file.subnets());
      } else if (!link.up()) {
        socket.change(Links.up(link.index()));
      }
      NatTable rules = new NatTable(linux, name);
      if (made || !rules.exists()) {
        forward(file.subnets());
        rules.create(file.subnets(), loopback(socket, link.index(), file.subnets()));
        for (Lease lease : file.leases()) {
          if (made == false && !lease.ports().isEmpty()) {
            // Somebody has flushed the rules under containers that run.
            rules.publish(lease.addresses(file.subnets()), lease.ports());
          }
        }
      }
      return link.index();
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot make bridge \"" + name + "\"", e);
    }
  }

  private void configure(NetlinkSocket socket, int index, List<Subnet> subnets) {
    List<NetlinkMessage> messages = new ArrayList<>();
    for (Subnet subnet : subnets) {
      messages.add(Addresses.add(index, subnet.gateway(), subnet.prefix()));
    }
    socket.change(messages);
    Sysctl sysctl = new Sysctl(linux);
    // A port published on 127.0.0.1 leads from there to the bridge; see the rule "guard".
    sysctl.require("ipv4/conf/" + name + "/route_localnet", "1");
    // CVE-2020-13401: a container that sends advertisements must not become the host's router.
    refuseAdvertisements(sysctl, name);
  }

  // What answers a packet from ::1 comes in by the bridge, and gets its old address back there. The
  // kernel takes ::1 only from devices that have a route to it. With bridge-nf-call-ip6tables it
  // looks at the packet twice, and takes it for one that came with that address over the wire.
  private NatRules.Loopback6 loopback(NetlinkSocket socket, int index, List<Subnet> subnets) {
    boolean twice = new Sysctl(linux).get("bridge/bridge-nf-call-ip6tables").equals("1");
    if (twice || subnets.size() < 2) {
      return NatRules.Loopback6.REFUSED;
    }
    try {
      socket.change(Routes.loopback(index));
    } catch (NetlinkFailed e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    return NatRules.Loopback6.PUBLISHED;
  }

  private static void refuseAdvertisements(Sysctl sysctl, String device) {
    String name = "ipv6/conf/" + device + "/accept_ra";
    // There is none where the kernel has no IPv6.
    if (!sysctl.get(name).isEmpty()) {
      sysctl.require(name, "0");
    }
  }

  // By a procfs of our own: in that of the host, names below net have an entry of each namespace
  // where anybody looked, and a new one is searched among them all.
  private void refuseAdvertisements(String device) {
    try (Descriptor proc = PrivateProc.open(linux)) {
      refuseAdvertisements(new Sysctl(linux, proc), device);
    }
  }

  // A host that forwards ignores router advertisements unless told otherwise: one that lives by
  // them would lose its own way out.
  private void forward(List<Subnet> subnets) {
    Sysctl sysctl = new Sysctl(linux);
    sysctl.require("ipv4/ip_forward", "1");
    if (subnets.size() > 1 && !sysctl.get("ipv6/conf/all/forwarding").equals("1")) {
      for (String device : sysctl.interfaces("ipv6")) {
        boolean all = device.equals("all") || device.equals("default");
        if (!all && sysctl.get("ipv6/conf/" + device + "/accept_ra").equals("1")) {
          sysctl.require("ipv6/conf/" + device + "/accept_ra", "2");
        }
      }
      sysctl.require("ipv6/conf/all/forwarding", "1");
    }
  }

  static byte[] bytes(String mac) {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6 && 3 * i + 1 < mac.length(); i++) {
      int high = Character.digit(mac.charAt(3 * i), 16);
      int low = Character.digit(mac.charAt(3 * i + 1), 16);
      bytes[i] = (byte) (high << 4 | low);
    }
    return bytes;
  }

  /** Puts a container on the bridge: its device has addresses, a way out, and is up. */
  void connect(
      int bridgeIndex, LeaseFile file, Lease lease, String device, NetworkNamespace there) {
    List<Subnet> subnets = file.subnets();
    byte[] mac = lease.hardware(subnets);
    try (NetlinkSocket ours = NetlinkSocket.open(linux, NetlinkSocket.ROUTE);
        NetlinkSocket theirs = there.netlink(NetlinkSocket.ROUTE)) {
      // A port of a bridge needs no addresses: with them every port is one more route and one more
      // search for neighbours in the host, through which the next one has to go.
      ours.change(
          List.of(
              Links.veth(
                  new Links.VethEnd(lease.link(), null, bridgeIndex, null),
                  new Links.VethEnd(device, mac, 0, there.file())),
              Links.addressesByHand(lease.link()),
              Links.up(lease.link())));
      Link inside = new Links(theirs).named(device);
      if (inside == null) {
        throw new NetlinkFailed(Errno.ENODEV, "the device is gone again");
      }
      // All it needs it is given; and it is not to ask everybody on the bridge for a router.
      there.run(() -> refuseAdvertisements(device));
      theirs.change(configuration(inside.index(), subnets, lease));
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot connect the container to bridge \"" + name + "\"", e);
    }
  }

  private static List<NetlinkMessage> configuration(int device, List<Subnet> subnets, Lease lease) {
    List<NetlinkMessage> messages = new ArrayList<>();
    // The kernel would ask all containers whether one has the address that it makes up.
    messages.add(Links.addressesByHand(device));
    messages.add(Links.up(device));
    if (subnets.size() > 1) {
      IpAddress local = Addresses.linkLocal(lease.hardware(subnets));
      messages.add(Addresses.add(device, local, LINK_PREFIX));
    }
    List<IpAddress> addresses = lease.addresses(subnets);
    for (int i = 0; i < subnets.size(); i++) {
      messages.add(Addresses.add(device, addresses.get(i), subnets.get(i).prefix()));
    }
    for (Subnet subnet : subnets) {
      messages.add(Routes.addDefault(subnet.gateway(), device));
    }
    return messages;
  }

  /** Opens ports of the host, and the way back to the container itself. */
  void publish(LeaseFile file, Lease lease, List<PublishedPort> ports) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = new Links(socket).named(lease.link());
      if (link != null) {
        socket.change(Links.hairpin(link.index()));
      }
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot publish ports of bridge \"" + name + "\"", e);
    }
    new NatTable(linux, name).publish(lease.addresses(file.subnets()), ports);
  }

  /** Takes away a device by its name, with its other end wherever that is. */
  static void removeLink(Linux linux, String link) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link found = new Links(socket).named(link);
      if (found != null) {
        socket.change(Links.delete(found.index()));
      }
    } catch (NetlinkFailed e) {
      // It goes with the network namespace that its other end is in, and may have gone just now.
      if (e.errno() != Errno.ENODEV) {
        throw NetworkFailure.of("cannot remove network device \"" + link + "\"", e);
      }
    }
  }

  /** Takes away device and rules, where they are there and ours. */
  void remove(String mac) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link link = new Links(socket).named(name);
      if (link != null && link.kind().equals("bridge") && link.mac().equals(mac)) {
        new NatTable(linux, name).remove();
        socket.change(Links.delete(link.index()));
      }
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot remove bridge \"" + name + "\"", e);
    }
  }

  /** Whether a hardware address is one that {@link #newMac} gives. */
  static boolean isOurs(String mac) {
    byte[] bytes = bytes(mac);
    return bytes[0] == MAC[0] && bytes[1] == MAC[1];
  }
}
