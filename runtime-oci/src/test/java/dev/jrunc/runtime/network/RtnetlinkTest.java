package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against this kernel, in network namespaces that nobody else is in. */
class RtnetlinkTest {
  private static final Linux LINUX = Linux.over(new JnrGate());

  private NetworkNamespace here;
  private NetworkNamespace there;
  private NetlinkSocket socket;

  @BeforeEach
  void make() {
    try {
      here = NetworkNamespace.create(LINUX);
      there = NetworkNamespace.create(LINUX);
    } catch (SyscallFailed e) {
      Assumptions.abort("making network namespaces takes root");
      throw e;
    }
    socket = here.netlink(NetlinkSocket.ROUTE);
  }

  @AfterEach
  void close() {
    if (socket != null) {
      socket.close();
      there.close();
      here.close();
    }
  }

  private Link named(String name) {
    return Objects.requireNonNull(new Links(socket).named(name), name);
  }

  @Test
  void loIsThereAndDown() {
    List<Link> all = new Links(socket).all();
    assertTrue(all.stream().anyMatch(link -> link.name().equals("lo") && !link.up()), "" + all);
    assertNull(new Links(socket).named("nobody0"));
  }

  @Test
  void whatIsMadeIsReadBack() {
    socket.change(Links.bridge("br0", new byte[] {6, 0x6a, 1, 2, 3, 4}));
    Link bridge = named("br0");
    assertEquals("bridge", bridge.kind());
    assertEquals("06:6a:01:02:03:04", bridge.mac());
    assertTrue(bridge.up());
    socket.change(
        Links.veth(
            new Links.VethEnd("a0", null, bridge.index(), null),
            new Links.VethEnd("eth0", null, 0, there.file())));
    assertEquals(bridge.index(), named("a0").master());
    try (NetlinkSocket theirs = there.netlink(NetlinkSocket.ROUTE)) {
      Link inside = Objects.requireNonNull(new Links(theirs).named("eth0"));
      assertEquals("veth", inside.kind());
      IpAddress address = Objects.requireNonNull(IpAddress.parse("192.0.2.2"));
      IpAddress six = Objects.requireNonNull(IpAddress.parse("2001:db8::2"));
      IpAddress gateway = Objects.requireNonNull(IpAddress.parse("192.0.2.1"));
      theirs.change(
          List.of(
              Links.up(inside.index()),
              Addresses.add(inside.index(), address, 24),
              Addresses.add(inside.index(), six, 64),
              Routes.addDefault(gateway, inside.index())));
      assertTrue(
          new Addresses(theirs)
              .all()
              .contains(new Addresses.Assigned(inside.index(), address, 24, 0, true)));
      assertTrue(
          new Addresses(theirs)
              .all()
              .contains(new Addresses.Assigned(inside.index(), six, 64, 0, true)));
      assertTrue(
          new Routes(theirs)
              .all().stream()
                  .anyMatch(route ->
                      gateway.equals(route.gateway()) && route.destination().prefix() == 0));
    }
    socket.change(Links.delete(named("a0").index()));
    assertNull(new Links(socket).named("a0"));
  }

  @Test
  void aMacvlanSitsOnAnotherDevice() {
    veth("p0", "p1");
    socket.change(Links.macvlan("m0", named("p0").index()));
    assertEquals("macvlan", named("m0").kind());
    socket.change(Links.mtu(named("m0").index(), 1400));
    assertEquals(1400, named("m0").mtu());
  }

  @Test
  void aDummyIsMadeWhereTheKernelHasThem() {
    try {
      socket.change(Links.dummy("d0"));
    } catch (NetlinkFailed e) {
      assertEquals(Errno.EOPNOTSUPP, e.errno(), e.getMessage());
      Assumptions.abort("this kernel has no dummy devices");
    }
    assertEquals("dummy", named("d0").kind());
  }

  private void veth(String one, String other) {
    socket.change(
        Links.veth(new Links.VethEnd(one, null, 0, null), new Links.VethEnd(other, null, 0, null)));
  }

  @Test
  void theFirstOfManyThatIsRefusedIsNamed() {
    NetlinkFailed failed =
        assertThrows(
            NetlinkFailed.class,
            () -> socket.change(List.of(Links.up(9999), Links.rename(1, "lo"))));
    assertEquals(Errno.ENODEV, failed.errno());
    // The line is still good: no answer was left in it.
    assertNotNull(new Links(socket).named("lo"));
  }

  @Test
  void whatTheKernelDoesNotHaveIsNoFailureWhereThatIsSaid() {
    veth("p0", "p1");
    int index = named("p0").index();
    // Too small for IPv6, so that the device has none of its switches.
    socket.change(Links.mtu(index, 1000));
    socket.change(List.of(Links.addressesByHand(index), Links.up(index)));
    assertTrue(named("p0").up());
    NetlinkFailed failed =
        assertThrows(
            NetlinkFailed.class,
            () -> socket.change(List.of(Links.addressesByHand(index), Links.up(9999))));
    assertEquals(Errno.ENODEV, failed.errno());
  }

  @Test
  void aDeviceIsMovedWithItsAddressesAndANewName() {
    socket.change(
        Links.veth(
            new Links.VethEnd("p0", null, 0, there.file()),
            new Links.VethEnd("p1", null, 0, null)));
    LINUX.processes().joinNamespace(there.file(), dev.jrunc.kernel.CloneFlags.NEWNET);
    try (NetlinkSocket theirs = there.netlink(NetlinkSocket.ROUTE)) {
      Link link = Objects.requireNonNull(new Links(theirs).named("p0"));
      IpAddress address = Objects.requireNonNull(IpAddress.parse("192.0.2.7"));
      theirs.change(Addresses.add(link.index(), address, 25));
      // Another eth0, and another device with its index, are there already.
      veth("eth0", "x1");
      new DeviceMove(LINUX).move("p0", "eth%d", here, "/linux/netDevices/p0");
      Link moved = named("eth1");
      assertTrue(moved.up());
      assertTrue(
          new Addresses(socket)
              .all()
              .contains(new Addresses.Assigned(moved.index(), address, 25, 0, true)));
      assertNull(new Links(theirs).named("p0"));
      Failure failure =
          assertThrows(
              Failure.class,
              () -> new DeviceMove(LINUX).move("p0", "p0", here, "/linux/netDevices/p0"));
      assertTrue(
          String.valueOf(failure.getMessage())
              .startsWith("error moving network device \"p0\": no such device"),
          failure.getMessage());
      assertEquals("/linux/netDevices/p0", failure.pointer());
      assertFalse(failure.hint().isEmpty());
    }
  }
}
