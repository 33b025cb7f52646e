package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class IpAddressTest {
  private static IpAddress of(String text) {
    return Objects.requireNonNull(IpAddress.parse(text), text);
  }

  @Test
  void readsWhatTheJvmReads() throws UnknownHostException {
    for (String text :
        List.of(
            "10.87.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fd00:1::2",
            "2001:db8:0:1:1:1:1:1",
            "1:2:3:4:5:6:7:8",
            "fe80::1:0:0:2",
            "2001:db8::192.0.2.33",
            "0:0:0:0:0:0:0:1")) {
      byte[] theirs = InetAddress.ofLiteral(text).getAddress();
      assertEquals(IpAddress.of(theirs), of(text), text);
      assertEquals(of(text), of(of(text).toString()), text);
    }
  }

  @Test
  void refusesWhatIsNoAddress() {
    for (String text :
        List.of(
            "",
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.x",
            "1..2.3",
            ":",
            ":::",
            "1:2:3",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "g::",
            "1::2::3",
            "1:",
            "::1:",
            "1.2.3.4:5")) {
      assertNull(IpAddress.parse(text), text);
    }
  }

  @Test
  void isWrittenAsRfc5952Says() {
    assertEquals("2001:db8::1", of("2001:0DB8:0:0:0:0:0:1").toString());
    assertEquals("2001:db8:0:1:1:1:1:1", of("2001:db8:0:1:1:1:1:1").toString());
    assertEquals("2001:0:0:1::1", of("2001:0:0:1:0:0:0:1").toString());
    assertEquals("::", of("0::0").toString());
    assertEquals("1::", of("1:0:0:0:0:0:0:0").toString());
  }

  @Test
  void subnetsGiveOutTheirAddresses() {
    Subnet subnet = Objects.requireNonNull(Subnet.parse("10.1.2.0/29"));
    assertEquals(5, subnet.size());
    assertEquals("10.1.2.1", subnet.gateway().toString());
    assertEquals("10.1.2.2", subnet.host(0).toString());
    assertEquals("10.1.2.6", subnet.host(4).toString());
    assertEquals(
        "10.1.4.3", Objects.requireNonNull(Subnet.parse("10.1.0.0/16")).host(1025).toString());
    assertTrue(subnet.overlaps(Objects.requireNonNull(Subnet.parse("10.0.0.0/8"))));
    assertFalse(subnet.overlaps(Objects.requireNonNull(Subnet.parse("10.1.2.8/29"))));
    assertFalse(subnet.overlaps(Objects.requireNonNull(Subnet.parse("fd00::/8"))));
    assertNull(Subnet.parse("10.1.2.3/24"));
    assertNull(Subnet.parse("10.0.0.0/33"));
    assertNull(Subnet.parse("10.0.0.0/"));
    assertNull(Subnet.parse("10.0.0.0"));
  }
}
