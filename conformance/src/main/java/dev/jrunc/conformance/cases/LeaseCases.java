package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.address;
import static dev.jrunc.conformance.cases.NetworkCase.detached;
import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.cases.NetworkCase.killedRun;
import static dev.jrunc.conformance.cases.NetworkCase.leaseFile;
import static dev.jrunc.conformance.cases.NetworkCase.leases;
import static dev.jrunc.conformance.cases.NetworkCase.withoutCgroups;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Leases, what spoils them, and what else keeps a bridge from being made. */
final class LeaseCases {
  private LeaseCases() {}

  static List<Case> all() {
    return List.of(
        NetworkCase.of("a run that is killed is cleaned up by delete", LeaseCases::killed),
        NetworkCase.of("a container without state is cleaned up by force", LeaseCases::halfMade),
        NetworkCase.of("leases from before a reboot are given back", LeaseCases::reboot),
        NetworkCase.of("an exhausted pool is said plainly", LeaseCases::exhausted),
        NetworkCase.of("a stale lease is given out again", LeaseCases::stale),
        NetworkCase.of("many at once have addresses of their own", LeaseCases::atOnce),
        NetworkCase.of("a foreign bridge is left alone", LeaseCases::foreign),
        NetworkCase.of("without nft nothing is left", LeaseCases::withoutNft),
        NetworkCase.of("a damaged lease file is said plainly and mended", LeaseCases::damaged));
  }

  private static void killed(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String id = killedRun(place, network, "--network", "bridge", "-p", "8007:7");
    jrunc(place, network, "kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    jrunc(place, network, "delete", id).run().ok();
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static void halfMade(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    jrunc(place, network, "kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    Files.delete(place.folder().resolve("state").resolve(id).resolve("state.json"));
    jrunc(place, network, "delete", "--force", id).run().ok();
    withoutCgroups(id);
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static void reboot(Sandbox place, TestNetwork network) throws Exception {
    place.args("sleep", "100");
    String old = detached(place, network, "--network", "bridge", "-p", "8007:7");
    String text = Files.readString(leaseFile(place));
    Files.writeString(leaseFile(place), text.replaceAll("(?m)^boot .*$", "boot before"));
    contains(jrunc(place, network, "network", "inspect").run().ok().out(), "(stale)");
    // Its port is free, as it is after a reboot, and its own end unmakes nothing of the new one's.
    String fresh = detached(place, network, "--network", "bridge", "-p", "8008:7");
    that(!Files.readString(leaseFile(place)).contains(old), "the old lease is still there");
    jrunc(place, network, "delete", "--force", old).run().ok();
    jrunc(place, network, "network", "check", fresh).run().ok();
  }

  private static void exhausted(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge", "--subnet", "10.9.8.0/30");
    String second = place.container();
    jrunc(place, network, "run", "--network", "bridge", second)
        .run()
        .code(1)
        .says("no address is left on bridge \"jrunc0\": all 1 of 10.9.8.0/30 are taken")
        .says("hint");
    that(!Files.exists(place.folder().resolve("state").resolve(second)), "its state is left");
    jrunc(place, network, "run", "--network", "bridge", "--subnet", "10.9.9.0/30", second)
        .run()
        .code(1)
        .says("bridge \"jrunc0\" has the subnet 10.9.8.0/30 and not 10.9.9.0/30");
    jrunc(place, network, "run", "--network", "bridge:b2", "--subnet", "192.0.2.0/28", second)
        .run()
        .code(1)
        .says("the subnet 192.0.2.0/28 overlaps with 192.0.2.0/24, which this host has");
    jrunc(place, network, "delete", "--force", id).run().ok();
    equal(before, network.snapshot(), "the host's network");
  }

  private static void stale(Sandbox place, TestNetwork network) throws Exception {
    place.args("sleep", "100");
    String lost = detached(place, network, "--network", "bridge", "--subnet", "10.9.8.0/30");
    jrunc(place, network, "kill", lost, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, lost);
    Path cgroup = place.folder().resolve("state").resolve(lost);
    Sandbox.delete(cgroup);
    String next = detached(place, network, "--network", "bridge");
    equal("10.9.8.2", address(place, network, next, 0), "the address");
    withoutCgroups(lost);
  }

  // The bridge too is made by one of them, and taken along by whichever goes last.
  private static void atOnce(Sandbox place, TestNetwork network) throws Exception {
    int many = 10;
    String before = network.snapshot();
    place.args("sleep", "100");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      ids.add(place.container());
    }
    together(place, network, ids, "run", "--detach", "--network", "bridge");
    Set<String> addresses = new HashSet<>();
    for (String id : ids) {
      addresses.add(address(place, network, id, 0));
    }
    equal(many, addresses.size(), "the addresses");
    together(place, network, ids, "delete", "--force");
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static void together(
      Sandbox place, TestNetwork network, List<String> ids, String... words) throws Exception {
    List<Process> running = new ArrayList<>();
    for (String id : ids) {
      Path said = place.folder().resolve("said-" + id);
      String[] all = Command.words(List.of(words), id).toArray(String[]::new);
      running.add(jrunc(place, network, all).intoFile(said).start());
    }
    for (int i = 0; i < running.size(); i++) {
      int code = running.get(i).waitFor();
      equal(0, code, Files.readString(place.folder().resolve("said-" + ids.get(i))));
    }
  }

  private static void foreign(Sandbox place, TestNetwork network) throws Exception {
    network.onHost("ip", "link", "add", "jrunc0", "type", "bridge").run().ok();
    String before = network.snapshot();
    jrunc(place, network, "run", "--network", "bridge", place.container())
        .run()
        .code(1)
        .says("bridge name \"jrunc0\" is in use by a bridge that jrunc has not made");
    equal(before, network.snapshot(), "the host's network");
  }

  private static void withoutNft(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    List<String> words =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind /dev/null /usr/sbin/nft && exec \"$@\"",
                "-"));
    words.addAll(place.runtimeWords("run", "--network", "bridge", place.container()));
    network
        .onHost(words)
        .in(place.bundle())
        .run()
        .code(1)
        .says("no nft program: the bridge \"jrunc0\" cannot get its rules")
        .says("install nftables");
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static void damaged(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    String address = address(place, network, id, 0);
    Files.writeString(leaseFile(place), "garbage\n");
    jrunc(place, network, "run", "--network", "bridge", place.container())
        .run()
        .code(1)
        .says("jrunc0.leases is damaged: line 1 cannot be read")
        .says("jrunc network prune");
    jrunc(place, network, "network", "prune").run().ok().says("jrunc0 written again");
    equal(address, address(place, network, id, 0), "its address");
    jrunc(place, network, "network", "check", id).run().ok();
    jrunc(place, network, "delete", "--force", id).run().ok();
    equal(before, network.snapshot(), "the host's network");
  }
}
