package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.netlink.NetlinkMessage;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The bytes of each kind of request, set down by hand from linux/rtnetlink.h and if_link.h. */
class MessageLayoutTest {
  private static String hex(NetlinkMessage message) {
    return HexFormat.of().formatHex(message.finish(7));
  }

  private static String expect(String... parts) {
    return String.join("", parts).replace(" ", "");
  }

  @Test
  void aBridge() {
    assertEquals(
        expect(
            "44000000 1000 0506 07000000 00000000", // nlmsghdr: 68 bytes, NEWLINK, flags
            "00 00 0000 00000000 01000000 01000000", // ifinfomsg: up
            "0800 0300 62723000", // IFLA_IFNAME "br0"
            "0a00 0100 066a01020304 0000", // IFLA_ADDRESS
            "1000 1200", // IFLA_LINKINFO
            "0b00 0100 62726964676500 00"), // IFLA_INFO_KIND "bridge"
        hex(Links.bridge("br0", new byte[] {6, 0x6a, 1, 2, 3, 4})));
  }

  @Test
  void aPairOfDevicesWithItsEndInAnotherNamespace() {
    Descriptor namespace = new Descriptor(new JnrGate(), 250);
    assertEquals(
        expect(
            "78000000 1000 0506 07000000 00000000",
            "00 00 0000 00000000 00000000 00000000", // down
            "0800 0300 6a763100", // IFLA_IFNAME "jv1"
            "0800 0a00 05000000", // IFLA_MASTER 5
            "4800 1200", // IFLA_LINKINFO
            "0900 0100 7665746800 000000", // IFLA_INFO_KIND "veth"
            "3800 0200", // IFLA_INFO_DATA
            "3400 0100", // VETH_INFO_PEER
            "00 00 0000 00000000 00000000 00000000",
            "0900 0300 6574683000 000000", // IFLA_IFNAME "eth0"
            "0a00 0100 026a0a570002 0000",
            "0800 1c00 fa000000"), // IFLA_NET_NS_FD 250
        hex(
            Links.veth(
                new Links.VethEnd("jv1", null, 5, null),
                new Links.VethEnd(
                    "eth0",
                    Bridge.mac(Objects.requireNonNull(IpAddress.parse("10.87.0.2"))),
                    0,
                    namespace))));
  }

  @Test
  void aDeviceWithoutAddressesOfTheKernelsMaking() {
    assertEquals(
        expect(
            "38000000 1000 0500 07000000 00000000",
            "00 00 0000 00000000 00000000 00000000",
            "0800 0300 6a763100", // IFLA_IFNAME "jv1"
            "1000 1a00", // IFLA_AF_SPEC
            "0c00 0a00", // AF_INET6
            "0500 0800 01000000"), // IFLA_INET6_ADDR_GEN_MODE none
        hex(Links.addressesByHand("jv1")));
  }

  @Test
  void aPortThatSendsBack() {
    assertEquals(
        expect(
            "3c000000 1000 0500 07000000 00000000",
            "00 00 0000 04000000 00000000 00000000",
            "1c00 1200",
            "0b00 0400 62726964676500 00", // IFLA_INFO_SLAVE_KIND
            "0c00 0500 0500 0400 01000000"), // IFLA_BRPORT_MODE
        hex(Links.hairpin(4)));
  }

  @Test
  void aMacvlan() {
    assertEquals(
        expect(
            "4c000000 1000 0506 07000000 00000000",
            "00 00 0000 00000000 00000000 00000000",
            "0700 0300 6d3000 00",
            "0800 0500 03000000", // IFLA_LINK 3
            "1c00 1200",
            "0c00 0100 6d6163766c616e00", // "macvlan"
            "0c00 0200 0800 0100 04000000"), // IFLA_MACVLAN_MODE bridge
        hex(Links.macvlan("m0", 3)));
  }

  @Test
  void aMoveWithANewName() {
    Descriptor namespace = new Descriptor(new JnrGate(), 9);
    assertEquals(
        expect(
            "34000000 1000 0500 07000000 00000000",
            "00 00 0000 04000000 00000000 01000000",
            "0800 1c00 09000000",
            "0a00 0300 657468256400 0000"), // "eth%d"
        hex(Links.move(4, namespace, "eth%d", 0)));
  }

  @Test
  void addresses() {
    assertEquals(
        expect(
            "30000000 1400 0506 07000000 00000000",
            "02 16 00 00 03000000", // IPv4, /22, no flags, global
            "0800 0200 0a570002", // IFA_LOCAL
            "0800 0100 0a570002", // IFA_ADDRESS
            "0800 0400 0a5703ff"), // IFA_BROADCAST
        hex(Addresses.add(3, Objects.requireNonNull(IpAddress.parse("10.87.0.2")), 22)));
    assertEquals(
        expect(
            "40000000 1400 0506 07000000 00000000",
            "0a 40 02 00 03000000", // IPv6, /64, nodad
            "1400 0200 fd000000000000000000000000000002",
            "1400 0100 fd000000000000000000000000000002"),
        hex(Addresses.add(3, Objects.requireNonNull(IpAddress.parse("fd00::2")), 64)));
  }

  @Test
  void aDefaultRoute() {
    assertEquals(
        expect(
            "2c000000 1800 0506 07000000 00000000",
            "02 00 00 00 fe 04 00 01 00000000", // main table, static, unicast
            "0800 0500 0a570001", // RTA_GATEWAY
            "0800 0400 02000000"), // RTA_OIF
        hex(Routes.addDefault(Objects.requireNonNull(IpAddress.parse("10.87.0.1")), 2)));
  }
}
