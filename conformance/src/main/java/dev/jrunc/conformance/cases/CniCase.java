package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What cases of CNI share: a network of the name net1, with plugins of Debian and of our own. */
final class CniCase {
  static final String PORTMAP =
      "{\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}, \"snat\": true}";

  private CniCase() {}

  static Case of(String name, NetworkCase.Body body) {
    return NetworkCase.of(
        "cni: " + name,
        (place, network) -> {
          assume(
              Files.isExecutable(Path.of("/usr/lib/cni/bridge")),
              "containernetworking-plugins is not installed");
          body.run(place, network);
        });
  }

  static Path configs(Sandbox place) throws IOException {
    return Files.createDirectories(place.folder().resolve("net.d"));
  }

  static Command cni(Sandbox place, TestNetwork network, String... words) throws IOException {
    return NetworkCase.jrunc(place, network, words)
        .with("CNI_CONF_DIR", configs(place).toString())
        .with("CNI_PATH", place.folder().resolve("plugins") + ":/usr/lib/cni");
  }

  static void write(Sandbox place, String version, String... plugins) throws IOException {
    Files.writeString(
        configs(place).resolve("10-net.conflist"),
        "{\"cniVersion\": \""
            + version
            + "\", \"name\": \"net1\", \"plugins\": ["
            + String.join(",", plugins)
            + "]}");
  }

  static String bridge(Sandbox place) {
    return "{\"type\": \"bridge\", \"bridge\": \"cni9\", \"isGateway\": true, \"ipMasq\": true,"
        + " \"ipam\": {\"type\": \"host-local\", \"dataDir\": \""
        + place.folder().resolve("ipam")
        + "\", \"ranges\": [[{\"subnet\": \"10.99.0.0/24\"}], [{\"subnet\": \"fd99::/64\"}]],"
        + " \"routes\": [{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"::/0\"}]},"
        + " \"dns\": {\"nameservers\": [\"192.0.2.53\"], \"search\": [\"example.org\"]}}";
  }

  /** A plugin that keeps what it is told, and answers as the script behind it says. */
  static void plugin(Sandbox place, String name, String script) throws IOException {
    Path folder = Files.createDirectories(place.folder().resolve("plugins"));
    Path file = folder.resolve(name);
    Files.writeString(
        file,
        "#!/bin/sh\nin=$(cat)\necho \""
            + name
            + " $CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME ${CNI_NETNS:-gone} $in\" >> "
            + place.folder().resolve("told")
            + "\n"
            + script
            + "\n");
    file.toFile().setExecutable(true);
  }

  static String answering(String mark) {
    String result = "{\"cniVersion\":\"1.1.0\",\"ips\":[{\"address\":\"10.1.2.3/24\"}],\"mark\":\"";
    return "case $CNI_COMMAND in ADD) echo '" + result + mark + "\"}' ;; esac";
  }

  /** A container on the network that runs beside. */
  static String detached(Sandbox place, TestNetwork network) throws IOException {
    String id = place.container();
    cni(place, network, "run", "-d", "--network", "cni:net1", id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    return id;
  }

  /** Fails where a plugin holds an address for a container. */
  static void requireNoLease(Sandbox place) throws IOException {
    try (Stream<Path> leases = Files.list(place.folder().resolve("ipam/net1"))) {
      that(leases.noneMatch(path -> path.getFileName().toString().startsWith("10.")), "a lease");
    }
  }
}
