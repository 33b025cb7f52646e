package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/** Finds the subnets of a bridge that is made: asked for, or the first that this host has free. */
final class Pools {
  // 64 pools of 1021 containers.
  private static final int POOLS = 64;
  private static final int POOL_PREFIX = 22;
  private static final int PREFIX_6 = 64;

  private final Linux linux;

  Pools(Linux linux) {
    this.linux = linux;
  }

  /** The file of a bridge that nobody has yet; a device of its name is somebody else's. */
  LeaseFile found(NetworkFolder folder, NetworkStep.LeaseAddresses step, String boot) {
    try (NetlinkSocket socket = NetlinkSocket.open(linux, NetlinkSocket.ROUTE)) {
      Link taken = new Links(socket).named(step.bridge());
      if (taken != null) {
        throw new Bridge(linux, step.bridge()).foreign(taken);
      }
      List<Subnet> used = new ArrayList<>();
      for (Routes.Route route : new Routes(socket).all()) {
        if (route.destination().prefix() > 0) {
          used.add(route.destination());
        }
      }
      for (String other : folder.bridges()) {
        LeaseFile file = folder.read(other);
        if (file != null) {
          used.addAll(file.subnets());
        }
      }
      List<Subnet> subnets = step.subnets().isEmpty() ? pool(used) : checked(step.subnets(), used);
      return new LeaseFile(boot, Bridge.newMac(linux), subnets, 0, List.of());
    } catch (NetlinkFailed e) {
      throw NetworkFailure.of("cannot look at this host's network", e);
    }
  }

  private static List<Subnet> checked(List<Subnet> wanted, List<Subnet> used) {
    for (Subnet subnet : wanted) {
      for (Subnet other : used) {
        if (subnet.overlaps(other)) {
          throw NetworkFailure.of(
              Failure.Code.ALREADY_EXISTS,
              "the subnet " + subnet + " overlaps with " + other + ", which this host has",
              "\"ip route\" and \"jrunc network ls\" show what is in use");
        }
      }
    }
    return wanted;
  }

  private List<Subnet> pool(List<Subnet> used) {
    for (int i = 0; i < POOLS; i++) {
      byte[] base = {10, 87, (byte) (4 * i), 0};
      Subnet subnet = new Subnet(IpAddress.of(base), POOL_PREFIX);
      boolean free = true;
      for (Subnet other : used) {
        free &= !subnet.overlaps(other);
      }
      if (free) {
        List<Subnet> subnets = new ArrayList<>(List.of(subnet));
        if (hasVersion6()) {
          subnets.add(uniqueLocal());
        }
        return subnets;
      }
    }
    throw NetworkFailure.of(
        Failure.Code.SYSTEM,
        "no subnet below 10.87.0.0/16 is free on this host",
        "name one with --subnet, such as 10.20.0.0/24");
  }

  private boolean hasVersion6() {
    return new Sysctl(linux).get("ipv6/conf/all/disable_ipv6").equals("0");
  }

  // RFC 4193: fd, 40 bits at random, and a subnet.
  private Subnet uniqueLocal() {
    byte[] base = new byte[16];
    base[0] = (byte) 0xfd;
    System.arraycopy(linux.streams().random(5), 0, base, 1, 5);
    return new Subnet(IpAddress.of(base), PREFIX_6);
  }
}
