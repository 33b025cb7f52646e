package dev.jrunc.runtime.network;

import java.util.ArrayList;
import java.util.List;

/** A container's part of a bridge. */
record Membership(LeaseFile file, Lease lease) {
  List<IpAddress> addresses() {
    List<IpAddress> addresses = new ArrayList<>();
    for (Subnet subnet : file.subnets()) {
      addresses.add(subnet.host(lease.index()));
    }
    return addresses;
  }

  /** With their prefixes, divided by spaces. */
  String written() {
    StringBuilder text = new StringBuilder();
    for (Subnet subnet : file.subnets()) {
      text.append(text.isEmpty() ? "" : " ").append(subnet.host(lease.index()));
      text.append('/').append(subnet.prefix());
    }
    return text.toString();
  }
}
