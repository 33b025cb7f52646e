package dev.jrunc.runtime.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class HostNamespacesTest {
  private static final String OWN = "/proc/self/ns/";

  private final Linux linux = Linux.over(new JnrGate());

  private List<String> refusals(String namespaces, String sysctls, String more) {
    String config =
        """
        {"ociVersion": "1.2.0", "root": {"path": "rootfs"}, %s
         "process": {"cwd": "/", "args": ["true"], "user": {"uid": 0, "gid": 0}},
         "linux": {"namespaces": [{"type": "mount"}, %s], "sysctl": {%s}}}
        """
            .formatted(more, namespaces, sysctls);
    SpecReading<Spec> reading = SpecReader.readConfig(config.getBytes(StandardCharsets.UTF_8));
    assertEquals(List.of(), reading.violations());
    Spec spec = Objects.requireNonNull(reading.spec());
    return HostNamespaces.refusals(linux, spec).stream().map(Failure::pointer).toList();
  }

  private static String joined(String type, String path) {
    return "{\"type\": \"" + type + "\", \"path\": \"" + path + "\"}";
  }

  @Test
  void refusesSysctlsOfTheNetworkItIsIn() {
    String sysctls = "\"net.ipv4.ip_forward\": \"1\", \"net/core/somaxconn\": \"9\"";
    assertEquals(
        List.of("/linux/sysctl/net.ipv4.ip_forward", "/linux/sysctl/net~1core~1somaxconn"),
        refusals(joined("network", OWN + "net"), sysctls, ""));
    assertEquals(List.of(), refusals("{\"type\": \"network\"}", sysctls, ""));
  }

  @Test
  void refusesSysctlsOfTheIpcItIsIn() {
    String sysctls = "\"kernel.sem\": \"1 2 3 4\", \"fs.mqueue.msg_max\": \"9\"";
    assertEquals(
        List.of("/linux/sysctl/kernel.sem", "/linux/sysctl/fs.mqueue.msg_max"),
        refusals(joined("ipc", OWN + "ipc"), sysctls, ""));
  }

  @Test
  void refusesNamesOfTheHost() {
    assertEquals(
        List.of("/hostname", "/domainname", "/linux/sysctl/kernel.domainname"),
        refusals(
            joined("uts", OWN + "uts"),
            "\"kernel.domainname\": \"x\"",
            "\"hostname\": \"a\", \"domainname\": \"b\","));
  }

  @Test
  void takesHostsNamespacesThatNothingIsSetIn() {
    String all =
        joined("uts", OWN + "uts")
            + ", "
            + joined("ipc", OWN + "ipc")
            + ", "
            + joined("network", OWN + "net");
    assertEquals(List.of(), refusals(all, "", ""));
  }

  @Test
  void takesPathsThatLeadElsewhereOrNowhere() {
    String sysctl = "\"net.ipv4.ip_forward\": \"1\"";
    assertEquals(List.of(), refusals(joined("network", OWN + "ipc"), sysctl, ""));
    assertEquals(List.of(), refusals(joined("network", "/no/such/file"), sysctl, ""));
  }
}
