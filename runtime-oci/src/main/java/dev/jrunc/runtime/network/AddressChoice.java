package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are wished of a bridge's pool by {@code --ip} and {@code --mac-address}:
 * within its subnets, and nobody else's.
 *
 * @param index of the address of IPv4, -1 for any
 * @param six the address of IPv6, null for the one that goes with the index
 * @param mac the hardware address, empty for the one that goes with the address of IPv4
 */
record AddressChoice(
    String bridge, List<Subnet> subnets, int index, @Nullable IpAddress six, String mac) {

  /** Reads the wishes; one that this bridge cannot fulfil fails. */
  static AddressChoice of(String bridge, List<Subnet> subnets, Attachment wishes) {
    int index = -1;
    IpAddress six = null;
    for (String wish : wishes.addresses()) {
      int slash = wish.indexOf('/');
      IpAddress address = IpAddress.parse(slash < 0 ? wish : wish.substring(0, slash));
      if (address == null) {
        continue;
      }
      Subnet subnet = subnet(bridge, subnets, address);
      if (slash >= 0 && !wish.substring(slash + 1).equals(Integer.toString(subnet.prefix()))) {
        throw refused(
            "--ip "
                + wish
                + " has another prefix than "
                + subnet
                + ", the subnet of "
                + quoted(bridge),
            "leave the prefix out");
      }
      if (address.isVersion6()) {
        six = address;
      } else {
        index = subnet.index(address);
      }
      // Of IPv6 there are more than the pool has indexes.
      boolean own = address.equals(subnet.base()) || address.equals(subnet.gateway());
      if (own || (!address.isVersion6() && index < 0)) {
        throw refused(
            "the address " + address + " of " + quoted(bridge) + " is " + reserved(address, subnet),
            range(subnet));
      }
    }
    return new AddressChoice(bridge, subnets, index, six, wishes.mac());
  }

  private static String reserved(IpAddress address, Subnet subnet) {
    if (address.equals(subnet.gateway())) {
      return "the bridge's own";
    }
    return address.equals(subnet.base()) ? "the network's name" : "not one of a container";
  }

  private static Subnet subnet(String bridge, List<Subnet> subnets, IpAddress address) {
    for (Subnet subnet : subnets) {
      if (subnet.contains(address)) {
        return subnet;
      }
    }
    int which = address.isVersion6() ? 1 : 0;
    if (which >= subnets.size()) {
      throw refused(
          "there is no address " + address + " on " + quoted(bridge) + ": it has no subnet of IPv6",
          "take another bridge, made with --subnet 10.20.0.0/24,fd00:20::/64");
    }
    throw refused(
        "the address "
            + address
            + " is not in "
            + subnets.get(which)
            + ", the subnet of "
            + quoted(bridge),
        range(subnets.get(which)) + "; a bridge that is new takes another one from --subnet");
  }

  private static String range(Subnet subnet) {
    return "choose one of "
        + subnet.host(0)
        + " to "
        + subnet.host(subnet.size() - 1)
        + ", or leave --ip out";
  }

  private static String quoted(String bridge) {
    return "bridge \"" + bridge + "\"";
  }

  private static Failure refused(String message, String hint) {
    return NetworkFailure.of(Failure.Code.USAGE, message, hint);
  }

  boolean isAny() {
    return index < 0 && six == null && mac.isEmpty();
  }

  /** The index for a container, -1 if none is free. */
  int indexIn(LeaseFile file) {
    return index < 0 ? file.free() : index;
  }

  /** Whose lease stands in the way, null if nobody's does. */
  @Nullable Lease conflict(LeaseFile file) {
    if (isAny()) {
      return null;
    }
    for (Lease lease : file.leases()) {
      if (!taken(lease).isEmpty()) {
        return lease;
      }
    }
    return null;
  }

  private String taken(Lease lease) {
    if (lease.index() == index) {
      return "the address " + subnets.get(0).host(index);
    }
    if (subnets.size() > 1) {
      IpAddress wanted = six != null ? six : index < 0 ? null : subnets.get(1).host(index);
      if (lease.addresses(subnets).get(1).equals(wanted)) {
        return "the address " + wanted;
      }
    }
    byte[] wanted = null;
    if (!mac.isEmpty()) {
      wanted = Bridge.bytes(mac);
    } else if (index >= 0) {
      wanted = Bridge.mac(subnets.get(0).host(index));
    }
    boolean same = wanted != null && Arrays.equals(wanted, lease.hardware(subnets));
    return same ? "the hardware address " + Links.written(lease.hardware(subnets)) : "";
  }

  Failure taken(LeaseFile file) {
    Lease lease = conflict(file);
    return NetworkFailure.of(
        Failure.Code.ALREADY_EXISTS,
        lease == null
            ? "the address is taken"
            : taken(lease)
                + " of "
                + quoted(bridge)
                + " is taken by container \""
                + lease.container()
                + "\"",
        "choose another, leave it to jrunc, or delete that container");
  }
}
