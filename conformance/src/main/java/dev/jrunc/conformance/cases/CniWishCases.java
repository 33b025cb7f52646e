package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.CniCase.answering;
import static dev.jrunc.conformance.cases.CniCase.bridge;
import static dev.jrunc.conformance.cases.CniCase.cni;
import static dev.jrunc.conformance.cases.CniCase.plugin;
import static dev.jrunc.conformance.cases.CniCase.write;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is asked of a CNI network: capabilities of its plugins. */
final class CniWishCases {
  private CniWishCases() {}

  static List<Case> all() {
    return List.of(
        CniCase.of("every capability reaches its plugins", CniWishCases::capabilities),
        CniCase.of("address, hardware address and bandwidth are as wished", CniWishCases::wished),
        CniCase.of("what no plugin can do is refused", CniWishCases::unable));
  }

  private static final String[] WISHES = {
    "--ip",
    "10.99.0.77/24",
    "--mac-address",
    "02:00:5e:10:00:07",
    "--ingress-rate",
    "10M",
    "--egress-rate",
    "1M:2M"
  };

  private static Command wishing(Sandbox place, TestNetwork network, String id, String... more)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("run", "-d", "--network", "cni:net1"));
    words.addAll(List.of(WISHES));
    words.addAll(List.of(more));
    words.add(id);
    return cni(place, network, words.toArray(String[]::new))
        .intoFile(place.folder().resolve("said"));
  }

  private static void capabilities(Sandbox place, TestNetwork network) throws Exception {
    plugin(place, "one", answering("first"));
    plugin(place, "two", answering("second"));
    write(
        place,
        "1.1.0",
        "{\"type\":\"one\",\"capabilities\":{\"ips\":true,\"mac\":true,\"aliases\":true}}",
        "{\"type\":\"two\",\"capabilities\":{\"bandwidth\":true,\"mac\":false}}");
    place.args("sleep", "100");
    String id = place.container();
    wishing(place, network, id, "--network-alias", "db", "--network-alias", "primary").run().ok();
    cni(place, network, "network", "check", id).run().ok();
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    int told = 0;
    for (String line : Files.readAllLines(place.folder().resolve("told"))) {
      String[] words = line.split(" ", 6);
      boolean one = words[0].equals("one");
      contains(
          line,
          one
              ? "\"runtimeConfig\":{\"ips\":[\"10.99.0.77/24\"],\"mac\":\"02:00:5e:10:00:07\","
                  + "\"aliases\":[\"db\",\"primary\"]}"
              : "\"runtimeConfig\":{\"bandwidth\":{\"ingressRate\":10000000,"
                  + "\"ingressBurst\":1000000,\"egressRate\":1000000,\"egressBurst\":2000000}}");
      told++;
    }
    equal(8, told, "how often plugins were told: STATUS, ADD, CHECK and DEL of two");
  }

  /** By Debian's plugins, and seen from where it counts. */
  private static void wished(Sandbox place, TestNetwork network) throws Exception {
    String able = "\"capabilities\": {\"ips\": true, \"mac\": true}, ";
    write(
        place,
        "1.0.0",
        bridge(place).replace("\"isGateway\"", able + "\"isGateway\""),
        "{\"type\": \"bandwidth\", \"capabilities\": {\"bandwidth\": true}}");
    NetworkCase.withTools(place).script("ip addr show eth0; sleep 100");
    String id = place.container();
    wishing(place, network, id).run().ok();
    Path said = place.folder().resolve("said");
    LifecycleCases.await(
        () -> Files.readString(said).contains("inet "), "the program has said nothing");
    contains(Files.readString(said), "inet 10.99.0.77/24");
    contains(Files.readString(said), "02:00:5e:10:00:07");
    String queues = network.onHost("tc", "qdisc", "show").run().ok().out();
    contains(queues, "rate 10Mbit");
    contains(queues, "rate 1Mbit");
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    String left = network.onHost("tc", "qdisc", "show").run().ok().out();
    that(!left.contains("rate"), left);
    that(!Files.exists(place.folder().resolve("ipam/net1/10.99.0.77")), "the address is taken");
  }

  private static void unable(Sandbox place, TestNetwork network) throws Exception {
    write(place, "1.0.0", bridge(place));
    place.args("true");
    String[][] wishes = {
      {"--ip", "10.99.0.77", "takes addresses"},
      {"--mac-address", "02:00:5e:10:00:07", "takes a hardware address"},
      {"--network-alias", "db", "takes aliases"},
      {"--ingress-rate", "10M", "limits bandwidth"},
      {"--egress-rate", "10M", "limits bandwidth"}
    };
    for (String[] wish : wishes) {
      cni(place, network, "create", "--network", "cni:net1", wish[0], wish[1], place.container())
          .run()
          .code(1)
          .says("no plugin of CNI network \"net1\" " + wish[2]);
      boolean bridge = List.of("--ip", "--mac-address").contains(wish[0]);
      cni(place, network, "plan", "--network", bridge ? "none" : "bridge", wish[0], wish[1])
          .run()
          .code(1)
          .says(wish[0] + " goes with --network " + (bridge ? "bridge or cni:NAME" : "cni:NAME"));
    }
    that(!Files.exists(place.folder().resolve("ipam")), "an address was leased");
  }
}
