package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LeaseFileTest {
  private static final String TEXT =
      """
      jrunc network 1
      boot 0b0b
      mac 06:6a:01:02:03:04
      subnet 10.1.0.0/29
      subnet fd00:1::/64
      next 3
      lease 0 jv00000001 17 1234 web 8080:80/tcp,127.0.0.1:53:53/udp
      lease 2 jv00000002 18 1235 db -
      """;

  private static LeaseFile file() {
    return LeaseFile.read("/run/x", Utf8.encode(TEXT));
  }

  @Test
  void isReadAndWrittenTheSame() {
    assertEquals(TEXT, Utf8.decode(file().written()));
    Lease lease = Objects.requireNonNull(file().of("web"));
    assertEquals(2, lease.ports().size());
    assertEquals("[8080:80/tcp, 127.0.0.1:53:53/udp]", lease.ports().toString());
  }

  @Test
  void aFreeAddressIsSearchedFromTheLastOneOn() {
    assertEquals(3, file().free());
    LeaseFile late = file().with(4, file().leases());
    assertEquals(4, late.free());
    List<Lease> more = new java.util.ArrayList<>(late.leases());
    more.add(new Lease(4, "jv3", new ProcessIdentity(1, 1), "c", List.of()));
    more.add(new Lease(3, "jv4", new ProcessIdentity(1, 1), "d", List.of()));
    assertEquals(1, late.with(0, more).free());
    more.add(new Lease(1, "jv5", new ProcessIdentity(1, 1), "e", List.of()));
    assertEquals(-1, late.with(0, more).free());
  }

  @Test
  void oneIsAddedOrTakenAwayAndTheOthersStayAsTheyAreWritten() {
    LeaseFile more =
        file().plus(5, new Lease(4, "jv3", new ProcessIdentity(7, 8), "we", List.of()));
    String added = TEXT.replace("next 3", "next 5") + "lease 4 jv3 7 8 we -\n";
    assertEquals(added, Utf8.decode(more.written()));
    assertEquals(4, Objects.requireNonNull(more.of("we")).index());
    String first = added.substring(added.indexOf("lease 0"), added.indexOf("lease 2"));
    assertEquals(added.replace(first, ""), Utf8.decode(more.without("web").written()));
    assertEquals(
        added.replace("lease 4 jv3 7 8 we -\n", ""), Utf8.decode(more.without("we").written()));
    assertEquals(added, Utf8.decode(more.without("nobody").written()));
    assertTrue(file().without("web").without("db").isEmpty());
    // What a line says beyond its index and its name is not looked at on the way.
    String odd = TEXT.replace(" 18 1235 ", " x y ");
    LeaseFile passed = LeaseFile.read("/run/x", Utf8.encode(odd));
    assertEquals(odd, Utf8.decode(passed.written()));
    assertThrows(Failure.class, () -> passed.of("db"));
  }

  @Test
  void whatIsWishedIsKeptAndInNobodysWay() {
    String wished = "lease 4 jv3 7 8 own - fd00:1::5 02:6a:0a:01:00:03\n";
    LeaseFile file =
        LeaseFile.read("/run/x", Utf8.encode(TEXT.replace("next 3", "next 0") + wished));
    Lease own = Objects.requireNonNull(file.of("own"));
    assertEquals(wished, own.line());
    assertEquals("[10.1.0.6, fd00:1::5]", own.addresses(file.subnets()).toString());
    assertEquals("02:6a:0a:01:00:03", Links.written(own.hardware(file.subnets())));
    // The address of IPv6 is that of index 3, and the hardware address that of index 1.
    assertEquals(-1, file.free());
    for (String bad : new String[] {"fd00:1::5", "10.1.0.9 -", "x -", "- 02:6a", "- x y"}) {
      String text = TEXT + wished.replace("fd00:1::5 02:6a:0a:01:00:03", bad);
      LeaseFile damaged = LeaseFile.read("/run/x", Utf8.encode(text));
      Failure failure = assertThrows(Failure.class, damaged::leases, bad);
      assertTrue(("" + failure.getMessage()).contains("line 9"), failure.getMessage());
    }
  }

  @Test
  void everyDamagedLineIsNamed() {
    String[][] damages = {
      {"jrunc network 1", "jrunc network 9", "1"},
      {"next 3", "next -3", "6"},
      {"next 3\n", "", "6"},
      {"lease 0", "lease 9", "7"},
      {"lease 2", "lease 0", "8"},
      {"lease 2", "leese 2", "8"},
      {" db -", "", "8"},
      {" db -", " ../x -", "8"},
      {"8080:80/tcp", "8080/tcp", "7"},
      {"10.1.0.0/29", "10.1.0.1/29", "4"},
      {"db -\n", "db -", "8"},
      {"web", "db", "8"},
    };
    for (String[] damage : damages) {
      String text = TEXT.replace(damage[0], damage[1]);
      Failure failure =
          assertThrows(
              Failure.class, () -> LeaseFile.read("/run/x", Utf8.encode(text)).leases(), damage[1]);
      assertEquals(
          "the lease file /run/x is damaged: line " + damage[2] + " cannot be read",
          failure.getMessage(),
          damage[1]);
      assertTrue(failure.hint().contains("jrunc network prune"));
    }
    assertThrows(Failure.class, () -> LeaseFile.read("/run/x", new byte[0]));
  }
}
