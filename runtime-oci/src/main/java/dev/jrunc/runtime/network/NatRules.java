package dev.jrunc.runtime.network;

import java.util.List;

/** The rules of a bridge in the language of nft(8), see {@link NatTable}. */
final class NatRules {
  private NatRules() {}

  /** What becomes of a port of ::1. */
  enum Loopback6 {
    /** It leads to the container: the bridge has the route that {@link Routes#loopback} says. */
    PUBLISHED,
    /** It is nobody's: the answers would be lost. */
    REFUSED
  }

  /** The table in nft's language. */
  static String script(String table, String bridge, List<Subnet> subnets, Loopback6 loopback) {
    StringBuilder s = new StringBuilder(4096);
    String name = "inet " + table;
    // Whatever is there is replaced: adding makes sure that there is something to delete.
    s.append("add table ").append(name).append("\ndelete table ").append(name).append('\n');
    s.append("table ").append(name).append(" {\n");
    for (Subnet subnet : subnets) {
      boolean six = subnet.base().isVersion6();
      String type = six ? "ipv6_addr" : "ipv4_addr";
      String digit = six ? "6" : "4";
      s.append(" map any").append(digit).append(" { type inet_proto . inet_service : ");
      s.append(type).append(" . inet_service; }\n");
      s.append(" map one").append(digit).append(" { type ").append(type);
      s.append(" . inet_proto . inet_service : ").append(type).append(" . inet_service; }\n");
    }
    chain(s, "prerouting", "nat hook prerouting priority -100");
    destinations(s, subnets, loopback);
    s.append(" }\n");
    chain(s, "output", "nat hook output priority -100");
    destinations(s, subnets, loopback);
    s.append(" }\n");
    chain(s, "postrouting", "nat hook postrouting priority 100");
    sources(s, bridge, subnets, loopback);
    s.append(" }\n");
    // The bridge lets 127.0.0.1 through for the host's own sake (route_localnet), and knows a way
    // to ::1: not for others.
    chain(s, "guard", "filter hook prerouting priority -300");
    s.append("  iifname \"").append(bridge).append("\" ip daddr 127.0.0.0/8 drop\n");
    if (loopback == Loopback6.PUBLISHED) {
      s.append("  iifname \"").append(bridge).append("\" ip6 daddr ::1 drop\n");
    }
    return s.append(" }\n}\n").toString();
  }

  /**
   * A bridge that nobody asks for groups sends what is for a group to every port. Each container
   * says four times when it begins which groups it listens to, and nobody listens to that: with 200
   * on a bridge it is 800 packets, and more work than all the rest.
   */
  static String quiet(String table) {
    String name = "bridge " + table;
    return "add table "
        + name
        + "\ndelete table "
        + name
        + "\ntable "
        + name
        + " {\n chain quiet { type filter hook prerouting priority -300;\n"
        + "  iifname \"jv*\" icmpv6 type { mld-listener-report, mld2-listener-report } drop\n"
        + " }\n}\n";
  }

  private static void chain(StringBuilder s, String name, String what) {
    s.append(" chain ").append(name).append(" { type ").append(what).append(";\n");
  }

  private static void destinations(StringBuilder s, List<Subnet> subnets, Loopback6 loopback) {
    String but = loopback == Loopback6.REFUSED ? "ip6 daddr != ::1 " : "";
    for (Subnet subnet : subnets) {
      if (subnet.base().isVersion6()) {
        s.append("  ").append(but);
        s.append("dnat ip6 to ip6 daddr . meta l4proto . th dport map @one6\n");
        s.append("  ").append(but).append("fib daddr type local");
        s.append(" dnat ip6 to meta l4proto . th dport map @any6\n");
      } else {
        s.append("  dnat ip to ip daddr . meta l4proto . th dport map @one4\n");
        s.append("  fib daddr type local dnat ip to meta l4proto . th dport map @any4\n");
      }
    }
  }

  private static void sources(
      StringBuilder s, String bridge, List<Subnet> subnets, Loopback6 loopback) {
    for (Subnet subnet : subnets) {
      String family = subnet.base().isVersion6() ? "ip6" : "ip";
      String from = "  " + family + " saddr " + subnet + " ";
      String to = family + " daddr ";
      s.append(from).append(to).append("!= ").append(subnet).append(" oifname != \"");
      s.append(bridge).append("\" masquerade\n");
      // A container that takes the way over the host to one on its own bridge: the answer must.
      s.append(from).append(to).append(subnet).append(" ct status dnat masquerade\n");
    }
    s.append("  ip saddr 127.0.0.0/8 oifname \"").append(bridge).append("\" masquerade\n");
    if (loopback == Loopback6.PUBLISHED) {
      s.append("  ip6 saddr ::1 oifname \"").append(bridge).append("\" masquerade\n");
    }
  }
}
