package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.address;
import static dev.jrunc.conformance.cases.NetworkCase.detached;
import static dev.jrunc.conformance.cases.NetworkCase.echoServer;
import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.cases.NetworkCase.leaseFile;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Files;
import java.util.List;

/** Addresses of a bridge that are asked for: {@code --ip} and {@code --mac-address}. */
final class AddressCases {
  private static final String SUBNETS = "10.9.8.0/28,fd09:8::/64";
  private static final String MAC = "02:42:ac:11:00:02";

  private AddressCases() {}

  static List<Case> all() {
    return List.of(
        NetworkCase.of("a container on a bridge has the addresses it asks for", AddressCases::own),
        NetworkCase.of("an address that cannot be had is said plainly", AddressCases::refused),
        NetworkCase.of("addresses that are asked for outlive a damaged file", AddressCases::mended),
        NetworkCase.of("plan tells the addresses that are asked for", AddressCases::plan));
  }

  private static String own(Sandbox place, TestNetwork network, String... options)
      throws Exception {
    String[] flags = {"--network", "bridge", "--subnet", SUBNETS};
    String[] all = java.util.Arrays.copyOf(flags, flags.length + options.length);
    System.arraycopy(options, 0, all, flags.length, options.length);
    return echoServer(place, network, all);
  }

  private static void own(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    String id =
        own(
            place,
            network,
            "--ip",
            "10.9.8.9",
            "--ip",
            "fd09:8::beef/64",
            "--mac-address",
            MAC,
            "-p",
            "8007:7");
    equal("10.9.8.9", address(place, network, id, 0), "the address of IPv4");
    equal("fd09:8::beef", address(place, network, id, 1), "the address of IPv6");
    equal(
        MAC + "\n",
        jrunc(place, network, "exec", id, "cat", "/sys/class/net/eth0/address").run().ok().out(),
        "the hardware address");
    contains(jrunc(place, network, "exec", id, "cat", "/etc/hosts").run().ok().out(), "10.9.8.9\t");
    for (String to : List.of("10.9.8.9]:7", "fd09:8::beef]:7", "127.0.0.1]:8007")) {
      String family = to.indexOf("::") > 0 ? "TCP:[" : "TCP:";
      String where = family + (family.equals("TCP:") ? to.replace("]", "") : to);
      equal("hello\n", NetworkCase.ask(network.onHost("socat", "-t2", "-", where)), where);
    }
    jrunc(place, network, "network", "check", id).run().ok();
    // The next without a wish takes the first of the pool, and create takes wishes as well.
    place.args("sleep", "100");
    String next = detached(place, network, "--network", "bridge");
    equal("10.9.8.2", address(place, network, next, 0), "the address of the next");
    String made = place.container();
    jrunc(place, network, "create", "--network", "bridge", "--ip", "10.9.8.4", made)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    equal("fd09:8::4", address(place, network, made, 1), "the address that goes with it");
    for (String each : List.of(id, next, made)) {
      jrunc(place, network, "delete", "--force", each).run().ok();
    }
    equal(before, network.snapshot(), "the host's network");
  }

  private static void refused(Sandbox place, TestNetwork network) throws Exception {
    String taken = own(place, network, "--ip", "10.9.8.9", "--mac-address", MAC);
    String six = detached(place, network, "--network", "bridge", "--ip", "fd09:8::6");
    String before = network.snapshot();
    String lease = Files.readString(leaseFile(place));
    String[][] wishes = {
      {
        "--ip",
        "10.9.8.9",
        "the address 10.9.8.9 of bridge \"jrunc0\" is taken by container \"" + taken
      },
      // The one that would go with it.
      {
        "--ip",
        "10.9.8.6",
        "the address fd09:8::6 of bridge \"jrunc0\" is taken by container \"" + six
      },
      {"--ip", "10.9.9.9", "the address 10.9.9.9 is not in 10.9.8.0/28, the subnet of bridge"},
      {"--ip", "10.9.9.9", "choose one of 10.9.8.2 to 10.9.8.14, or leave --ip out"},
      {"--ip", "10.9.8.1", "the address 10.9.8.1 of bridge \"jrunc0\" is the bridge's own"},
      {"--ip", "10.9.8.0", "is the network's name"},
      {"--ip", "10.9.8.15", "is not one of a container"},
      {"--ip", "10.9.8.5/24", "--ip 10.9.8.5/24 has another prefix than 10.9.8.0/28"},
      {"--ip", "fd09:9::5", "the address fd09:9::5 is not in fd09:8::/64"},
      {"--ip", "10.9.8", "invalid --ip: \"10.9.8\""},
      {"--mac-address", MAC, "the hardware address " + MAC + " of bridge \"jrunc0\" is taken"},
      {"--mac-address", "01:42:ac:11:00:02", "invalid --mac-address: \"01:42:ac:11:00:02\""},
      {"--mac-address", "00:42:ac:11:00:02", "belongs to a maker of devices"},
    };
    for (String[] wish : wishes) {
      String id = place.container();
      jrunc(place, network, "run", "--network", "bridge", wish[0], wish[1], id)
          .run()
          .code(1)
          .says(wish[2]);
      that(!Files.exists(place.folder().resolve("state").resolve(id)), "state of " + wish[1]);
    }
    jrunc(place, network, "plan", "--network", "bridge", "--ip", "10.9.8.5", "--ip", "10.9.8.7")
        .run()
        .code(1)
        .says("--ip is given twice for one family");
    jrunc(
            place,
            network,
            "run",
            "--network",
            "bridge:b4",
            "--subnet",
            "10.9.7.0/28",
            "--ip",
            "fd09:8::9",
            place.container())
        .run()
        .code(1)
        .says("there is no address fd09:8::9 on bridge \"b4\": it has no subnet of IPv6");
    equal(before, network.snapshot(), "the host's network");
    equal(lease, Files.readString(leaseFile(place)), "the leases");
    // Whoever is gone without a word is in nobody's way.
    jrunc(place, network, "kill", taken, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, taken);
    Sandbox.delete(place.folder().resolve("state").resolve(taken));
    place.args("sleep", "100");
    String heir = detached(place, network, "--network", "bridge", "--ip", "10.9.8.9");
    equal("10.9.8.9", address(place, network, heir, 0), "the address of the heir");
    NetworkCase.withoutCgroups(taken);
  }

  private static void mended(Sandbox place, TestNetwork network) throws Exception {
    String id =
        own(place, network, "--ip", "10.9.8.9", "--ip", "fd09:8::beef", "--mac-address", MAC);
    Files.writeString(leaseFile(place), "garbage\n");
    jrunc(place, network, "network", "prune").run().ok().says("jrunc0 written again");
    equal("fd09:8::beef", address(place, network, id, 1), "the address of IPv6");
    contains(Files.readString(leaseFile(place)), " - fd09:8::beef " + MAC + "\n");
    jrunc(place, network, "network", "check", id).run().ok();
  }

  private static void plan(Sandbox place, TestNetwork network) throws Exception {
    String text =
        jrunc(
                place,
                network,
                "plan",
                "--network",
                "bridge",
                "--ip",
                "10.87.0.9",
                "--mac-address",
                MAC)
            .run()
            .ok()
            .out();
    contains(text, "10.87.0.9");
    contains(text, MAC);
  }
}
