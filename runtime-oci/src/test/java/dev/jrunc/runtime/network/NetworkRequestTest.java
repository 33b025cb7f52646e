package dev.jrunc.runtime.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Spec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworkRequestTest {
  private static NetworkRequest parse(String mode, String... ports) {
    return NetworkRequest.parse(mode, List.of(ports), List.of());
  }

  private static String refusal(@Nullable String mode, List<String> ports, List<String> subnets) {
    return String.valueOf(
        assertThrows(Failure.class, () -> NetworkRequest.parse(mode, ports, subnets)).getMessage());
  }

  @Test
  void everyModeIsRead() {
    for (String mode :
        List.of(
            "none",
            "host",
            "bridge:br1",
            "ns:/run/netns/a",
            "container:web",
            "cni:net",
            "pasta",
            "slirp4netns")) {
      assertEquals(mode, parse(mode).written());
    }
    assertEquals("bridge:jrunc0", parse("bridge").written());
    assertEquals(
        NetworkRequest.Mode.AS_CONFIGURED, NetworkRequest.parse(null, List.of(), List.of()).mode());
  }

  @Test
  void whatIsNoModeIsRefused() {
    for (String mode :
        List.of("", "brigde", "bridge:", "ns", "ns:", "container:", "cni", "none:x", ":x")) {
      assertEquals("invalid network mode: \"" + mode + "\"", refusal(mode, List.of(), List.of()));
    }
    for (String name : List.of("0br", "a/b", "waytoolongforaname", "a b", "br\"")) {
      assertEquals(
          "invalid bridge name: \"" + name + "\"", refusal("bridge:" + name, List.of(), List.of()));
    }
    assertEquals("--publish and --subnet need --network", refusal(null, List.of("1:1"), List.of()));
    assertEquals("--network none publishes no ports", refusal("none", List.of("1:1"), List.of()));
  }

  @Test
  void portsAreRead() {
    NetworkRequest request =
        parse("bridge", "8080:80", "127.0.0.1:53:5353/udp", "[::1]:9:9/tcp", "0.0.0.0:7:7");
    assertEquals(
        "8080:80/tcp,127.0.0.1:53:5353/udp,[::1]:9:9/tcp,7:7/tcp",
        PublishedPort.written(request.ports()));
    for (String port :
        List.of(
            "80",
            "0:80",
            "80:",
            ":80",
            "65536:1",
            "1:2/sctp",
            "x:1:2",
            "::1:1:2",
            "1:2:3:4",
            "[1.2.3.4]:1:2",
            "-1:2",
            "99999999999:1")) {
      assertEquals(
          "invalid port to publish: \"" + port + "\"", refusal("bridge", List.of(port), List.of()));
    }
    assertEquals(
        "port 127.0.0.1:80/tcp is published twice",
        refusal("bridge", List.of("80:1", "127.0.0.1:80:2"), List.of()));
  }

  @Test
  void subnetsAreRead() {
    NetworkRequest request =
        NetworkRequest.parse("bridge", List.of(), List.of("10.2.0.0/24,fd00:2::/64"));
    assertEquals("[10.2.0.0/24, fd00:2::/64]", request.subnets().toString());
    for (String subnet : List.of("10.2.0.1/24", "10.2.0.0/31", "10.2.0.0", "")) {
      assertEquals(
          "invalid subnet: \"" + subnet + "\"", refusal("bridge", List.of(), List.of(subnet)));
    }
  }

  @Test
  void theConfigGetsTheNetworkNamespaceOfTheMode() {
    Spec spec = DefaultSpec.forRoot(false);
    assertEquals("null", path(NetworkPlanner.into(spec, parse("none"), null, "")));
    assertEquals("/x", path(NetworkPlanner.into(spec, parse("ns:/x"), "/x", "")));
    assertEquals("none", path(NetworkPlanner.into(spec, parse("host"), null, "")));
    Spec bridged = NetworkPlanner.into(spec, parse("bridge"), null, "/run/jrunc/web");
    assertEquals(spec.mounts().size() + 2, bridged.mounts().size());
  }

  private static String path(Spec spec) {
    Linux linux = Objects.requireNonNull(spec.linux());
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == NamespaceType.NETWORK) {
        return String.valueOf(namespace.path());
      }
    }
    return "none";
  }

  @Test
  void theHostsNetworkIsNotChangedBySysctls() {
    Spec spec = DefaultSpec.forRoot(false);
    Linux linux = Objects.requireNonNull(spec.linux());
    Linux changed =
        new Linux(
            linux.uidMappings(),
            linux.gidMappings(),
            java.util.Map.of("net.ipv4.ip_forward", "0"),
            linux.resources(),
            linux.cgroupsPath(),
            linux.namespaces(),
            linux.devices(),
            linux.netDevices(),
            linux.seccomp(),
            linux.rootfsPropagation(),
            linux.maskedPaths(),
            linux.readonlyPaths(),
            linux.mountLabel(),
            linux.intelRdt(),
            linux.personality(),
            linux.timeOffsets(),
            linux.memoryPolicy());
    Failure failure =
        assertThrows(
            Failure.class,
            () -> NetworkPlanner.into(spec.withLinux(changed), parse("host"), null, ""));
    assertEquals("/linux/sysctl/net.ipv4.ip_forward", failure.pointer());
  }

  @Test
  void nameServersOnLoopbackAreLeftOut() {
    assertEquals(
        "search example.org\nnameserver 192.0.2.53\n",
        NameFiles.reachable(
            "search example.org\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.53"));
  }
}
