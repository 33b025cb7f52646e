package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NatRulesTest {
  private static final List<Subnet> BOTH =
      List.of(
          Objects.requireNonNull(Subnet.parse("10.1.0.0/24")),
          Objects.requireNonNull(Subnet.parse("fd01::/64")));

  private static String script(NatRules.Loopback6 loopback) {
    return NatRules.script("jrunc-b", "b", BOTH, loopback);
  }

  @Test
  void aPortOfTheLoopbackOfIpv6IsNobodysWhereTheAnswersWouldBeLost() {
    String script = script(NatRules.Loopback6.REFUSED);
    assertEquals(4, script.split("ip6 daddr != ::1 ", -1).length - 1);
    assertFalse(script.contains("ip6 saddr ::1"));
  }

  @Test
  void elseItLeadsToTheContainer() {
    String script = script(NatRules.Loopback6.PUBLISHED);
    assertFalse(script.contains("!= ::1"));
    assertTrue(script.contains("ip6 saddr ::1 oifname \"b\" masquerade"));
  }

  @Test
  void nobodyOnTheBridgeReachesTheLoopbackOfTheHost() {
    String script = script(NatRules.Loopback6.PUBLISHED);
    assertTrue(script.contains("iifname \"b\" ip daddr 127.0.0.0/8 drop"));
    assertTrue(script.contains("iifname \"b\" ip6 daddr ::1 drop"));
  }

  @Test
  void theRulesAreThoseOfTheGolden() {
    String script =
        NatRules.script("jrunc-br0", "br0", BOTH.subList(0, 1), NatRules.Loopback6.REFUSED);
    assertEquals(
        """
        add table inet jrunc-br0
        delete table inet jrunc-br0
        table inet jrunc-br0 {
         map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
         map one4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
         chain prerouting { type nat hook prerouting priority -100;
          dnat ip to ip daddr . meta l4proto . th dport map @one4
          fib daddr type local dnat ip to meta l4proto . th dport map @any4
         }
         chain output { type nat hook output priority -100;
          dnat ip to ip daddr . meta l4proto . th dport map @one4
          fib daddr type local dnat ip to meta l4proto . th dport map @any4
         }
         chain postrouting { type nat hook postrouting priority 100;
          ip saddr 10.1.0.0/24 ip daddr != 10.1.0.0/24 oifname != "br0" masquerade
          ip saddr 10.1.0.0/24 ip daddr 10.1.0.0/24 ct status dnat masquerade
          ip saddr 127.0.0.0/8 oifname "br0" masquerade
         }
         chain guard { type filter hook prerouting priority -300;
          iifname "br0" ip daddr 127.0.0.0/8 drop
         }
        }
        """,
        script);
  }
}
