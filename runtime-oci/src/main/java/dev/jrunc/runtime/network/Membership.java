package dev.jrunc.runtime.network;

import java.util.List;

/** A container's part of a bridge. */
record Membership(LeaseFile file, Lease lease) {
  List<IpAddress> addresses() {
    return lease.addresses(file.subnets());
  }

  /** With their prefixes, divided by spaces. */
  String written() {
    StringBuilder text = new StringBuilder();
    List<IpAddress> addresses = addresses();
    for (int i = 0; i < addresses.size(); i++) {
      text.append(text.isEmpty() ? "" : " ").append(addresses.get(i));
      text.append('/').append(file.subnets().get(i).prefix());
    }
    return text.toString();
  }
}
