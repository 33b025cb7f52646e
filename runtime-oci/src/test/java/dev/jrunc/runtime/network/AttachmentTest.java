package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.cni.Capabilities;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttachmentTest {
  private static Attachment of(String ip, String mac) {
    return Attachment.parse(List.of(ip), mac, List.of(), null, null);
  }

  private static String refused(String ip, String mac) {
    return String.valueOf(assertThrows(Failure.class, () -> of(ip, mac)).getMessage());
  }

  @Test
  void addressesKeepTheirPrefixes() {
    assertEquals(List.of("10.1.2.3/24"), of("10.1.2.3/24", "02:00:00:00:00:01").addresses());
    assertEquals(List.of("fd00::5"), of("fd00::5", "02:00:00:00:00:01").addresses());
    for (String wrong : List.of("", "10.1.2", "10.1.2.3/33", "10.1.2.3/", "fd00::5/129", "a/8")) {
      assertEquals("invalid --ip: \"" + wrong + "\"", refused(wrong, "02:00:00:00:00:01"));
    }
  }

  @Test
  void aHardwareAddressIsOneStations() {
    for (String wrong : List.of("", "02:00:00:00:00", "02-00-00-00-00-01", "01:00:5e:00:00:01")) {
      assertEquals("invalid --mac-address: \"" + wrong + "\"", refused("10.1.2.3", wrong));
    }
  }

  @Test
  void ratesAreInBitsWithTheirBurst() {
    assertEquals(
        new Attachment.Rate(10_000_000, 1_000_000), Attachment.Rate.parse("10M"), "with its own");
    assertEquals(new Attachment.Rate(512_000, 2_000), Attachment.Rate.parse("512k:2000"));
    for (String wrong : List.of("", "M", "0", "-1", "1.5M", "10M:", "10M:40G", "9999999999999")) {
      assertNull(Attachment.Rate.parse(wrong), wrong);
    }
  }

  @Test
  void whatNoPluginWouldHearIsRefused() {
    Attachment wishes = Attachment.parse(List.of(), null, List.of("db"), null, null);
    NetworkRequest bridge = NetworkRequest.parse("bridge", List.of(), List.of());
    Failure failure = assertThrows(Failure.class, () -> bridge.with(wishes));
    assertEquals("--network-alias goes with --network cni:NAME", failure.getMessage());
    NetworkRequest cni = NetworkRequest.parse("cni:net", List.of(), List.of());
    assertEquals(List.of("db"), cni.with(wishes).attachment().aliases());
  }

  @Test
  void aBridgeGivesOneAddressOfEachFamilyAndAHardwareAddressOfNoMaker() {
    NetworkRequest bridge = NetworkRequest.parse("bridge", List.of(), List.of());
    List<String> both = List.of("10.87.0.5", "fd00::5");
    Attachment wishes = Attachment.parse(both, "0A:00:00:00:00:0F", List.of(), null, null);
    assertEquals("0a:00:00:00:00:0f", bridge.with(wishes).attachment().mac());
    List<String> two = List.of("fd00::5", "fd00::6");
    Attachment twice = Attachment.parse(two, null, List.of(), null, null);
    Failure failure = assertThrows(Failure.class, () -> bridge.with(twice));
    assertEquals("--ip is given twice for one family", failure.getMessage());
    Attachment made = Attachment.parse(List.of(), "00:00:00:00:00:01", List.of(), null, null);
    assertThrows(Failure.class, () -> bridge.with(made));
    NetworkRequest none = NetworkRequest.parse("none", List.of(), List.of());
    failure = assertThrows(Failure.class, () -> none.with(wishes));
    assertEquals("--ip goes with --network bridge or cni:NAME", failure.getMessage());
  }

  @Test
  void capabilitiesAreKeptAsTheyAreTold() {
    Attachment wishes =
        Attachment.parse(
            List.of("10.1.2.3/24", "fd00::3/64"),
            "02:00:00:00:00:01",
            List.of("db", "primary"),
            "10M",
            "1M:2M");
    Capabilities capabilities = Capabilities.of(List.of(PublishedPort.parse("80:8080")), wishes);
    assertEquals(
        "{\"portMappings\":[{\"hostPort\":80,\"containerPort\":8080,\"protocol\":\"tcp\"}],"
            + "\"ips\":[\"10.1.2.3/24\",\"fd00::3/64\"],\"mac\":\"02:00:00:00:00:01\","
            + "\"aliases\":[\"db\",\"primary\"],\"bandwidth\":{\"ingressRate\":10000000,"
            + "\"ingressBurst\":1000000,\"egressRate\":1000000,\"egressBurst\":2000000}}",
        capabilities.written());
    assertEquals(capabilities, Capabilities.kept(capabilities.written()));
  }
}
