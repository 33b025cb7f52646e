package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.CniCase.PORTMAP;
import static dev.jrunc.conformance.cases.CniCase.answering;
import static dev.jrunc.conformance.cases.CniCase.bridge;
import static dev.jrunc.conformance.cases.CniCase.cni;
import static dev.jrunc.conformance.cases.CniCase.configs;
import static dev.jrunc.conformance.cases.CniCase.detached;
import static dev.jrunc.conformance.cases.CniCase.plugin;
import static dev.jrunc.conformance.cases.CniCase.requireNoLease;
import static dev.jrunc.conformance.cases.CniCase.write;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The execution protocol of CNI, with Debian's plugins and with ones that misbehave. */
final class CniCases {
  private CniCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (String version : List.of("0.3.1", "0.4.0", "1.0.0")) {
      cases.add(
          CniCase.of(
              "a chain of bridge, portmap and firewall, " + version,
              (place, network) -> chain(place, network, version)));
    }
    cases.add(CniCase.of("CHECK finds a change", CniCases::checked));
    cases.add(CniCase.of("every plugin is told what the protocol says", CniCases::told));
    cases.add(CniCase.of("a plugin that fails undoes the chain", CniCases::midChain));
    cases.add(CniCase.of("what is missing is said before anything is made", CniCases::missing));
    cases.add(
        CniCase.of("a DEL that fails keeps the container, force does not", CniCases::stubborn));
    cases.add(CniCase.of("GC tells which containers are there", CniCases::collected));
    cases.add(CniCase.of("after a reboot DEL is run without a namespace", CniCases::reboot));
    cases.add(CniCase.of("a run that is killed in the middle of ADD is undone", CniCases::killed));
    return cases;
  }

  private static void chain(Sandbox place, TestNetwork network, String version) throws Exception {
    if (version.startsWith("0.3")) {
      // Debian's firewall speaks 0.4.0 and newer.
      write(place, version, bridge(place), PORTMAP);
    } else {
      write(place, version, bridge(place), PORTMAP, "{\"type\": \"firewall\"}");
    }
    NetworkCase.withTools(place)
        .script(
            "cat /etc/resolv.conf /etc/hosts;"
                + " socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat & sleep 100");
    String id = place.container();
    Path said = place.folder().resolve("said");
    cni(place, network, "run", "-d", "--network", "cni:net1", "-p", "8007:7", id)
        .intoFile(said)
        .run()
        .ok();
    String answer = "";
    for (int i = 0; i < 50 && answer.isEmpty(); i++) {
      answer = network.outside("socat", "-t2", "-", "TCP:192.0.2.1:8007").input("hi\n").run().out();
      Thread.sleep(50);
    }
    equal("hi\n", answer, "the answer of the published port");
    contains(Files.readString(said), "nameserver 192.0.2.53\nsearch example.org\n");
    contains(Files.readString(said), "10.99.0.2\t");
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    String links = network.onHost("ip", "-o", "link").run().ok().out();
    for (int i = 0; i < 50 && links.contains("veth"); i++) {
      Thread.sleep(100);
      links = network.onHost("ip", "-o", "link").run().ok().out();
    }
    that(!links.contains("veth"), links);
    String rules = network.onHost("nft", "list", "ruleset").run().ok().out();
    that(!rules.contains("10.99.0.2") && !rules.contains(id), rules);
    requireNoLease(place);
  }

  // Debian's portmap looks for the rules of IPv4 in the tables of IPv6, so it is left out here.
  private static void checked(Sandbox place, TestNetwork network) throws Exception {
    write(place, "1.0.0", bridge(place), "{\"type\": \"firewall\"}");
    place.args("sleep", "100");
    String id = detached(place, network);
    cni(place, network, "network", "check", id).run().ok();
    String pin = place.folder().resolve("state").resolve(id).resolve("netns").toString();
    Command.of("nsenter", "--net=" + pin, "ip", "addr", "flush", "dev", "eth0").run().ok();
    cni(place, network, "network", "check", id)
        .run()
        .code(1)
        .says("CNI plugin \"bridge\" of network \"net1\" failed at CHECK");
  }

  private static void told(Sandbox place, TestNetwork network) throws Exception {
    plugin(place, "one", answering("first"));
    plugin(place, "two", answering("second"));
    write(
        place,
        "1.1.0",
        "{\"type\":\"one\",\"own\":[1,2]}",
        "{\"type\":\"two\",\"capabilities\":{\"portMappings\":true}}");
    String id = place.container();
    place.args("sleep", "100");
    cni(place, network, "run", "-d", "--network", "cni:net1", "-p", "8007:7/udp", id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    cni(place, network, "network", "check", id).run().ok();
    // What was used for ADD is used for DEL, whatever has become of the file.
    Files.delete(configs(place).resolve("10-net.conflist"));
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    List<String> lines = Files.readAllLines(place.folder().resolve("told"));
    List<String> order = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", 6);
      order.add(words[0] + " " + words[1]);
      if (!words[1].equals("STATUS")) {
        equal(id, words[2], "the container");
      }
      contains(line, "\"name\":\"net1\"");
      contains(line, "\"cniVersion\":\"1.1.0\"");
    }
    equal(
        List.of(
            "one STATUS",
            "two STATUS",
            "one ADD",
            "two ADD",
            "one CHECK",
            "two CHECK",
            "two DEL",
            "one DEL"),
        order,
        "the order");
    contains(lines.get(2), "\"own\":[1,2]");
    that(!lines.get(2).contains("prevResult"), lines.get(2));
    contains(lines.get(3), "\"mark\":\"first\"");
    contains(lines.get(3), "\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8007,");
    that(!lines.get(3).contains("capabilities"), lines.get(3));
    contains(lines.get(5), "\"mark\":\"second\"");
    contains(lines.get(6), "\"mark\":\"second\"");
    that(lines.get(7).split(" ", 6)[4].equals(lines.get(2).split(" ", 6)[4]), lines.get(7));
  }

  private static void midChain(Sandbox place, TestNetwork network) throws Exception {
    String before = network.onHost("ip", "-o", "link").run().ok().out();
    plugin(
        place,
        "bad",
        "case $CNI_COMMAND in ADD) echo '{\"code\":7,\"msg\":\"no luck\",\"details\":\"at all\"}';"
            + " exit 1 ;; esac");
    write(place, "1.0.0", bridge(place), "{\"type\":\"bad\"}");
    String id = place.container();
    cni(place, network, "run", "--network", "cni:net1", id)
        .run()
        .code(1)
        .says("CNI plugin \"bad\" of network \"net1\" failed at ADD: no luck: at all (code 7)");
    that(!Files.exists(place.folder().resolve("state").resolve(id)), "its state is left");
    network.onHost("ip", "link", "del", "cni9").run();
    equal(before, network.onHost("ip", "-o", "link").run().ok().out(), "the links");
    requireNoLease(place);
  }

  private static void missing(Sandbox place, TestNetwork network) throws Exception {
    configs(place);
    String id = place.container();
    cni(place, network, "run", "--network", "cni:net1", id)
        .run()
        .code(1)
        .says("no CNI network \"net1\" in");
    write(place, "1.0.0", bridge(place), "{\"type\":\"nowhere\"}");
    cni(place, network, "run", "--network", "cni:net1", id)
        .run()
        .code(1)
        .says("no CNI plugin \"nowhere\" in");
    write(place, "1.0.0", bridge(place));
    cni(place, network, "run", "--network", "cni:net1", "-p", "1:1", id)
        .run()
        .code(1)
        .says("no plugin of CNI network \"net1\" publishes ports");
    write(place, "2.0.0", bridge(place));
    cni(place, network, "run", "--network", "cni:net1", id)
        .run()
        .code(1)
        .says("version \"2.0.0\" of CNI is not supported");
    that(!Files.exists(place.folder().resolve("ipam")), "an address was leased");
  }

  private static void stubborn(Sandbox place, TestNetwork network) throws Exception {
    plugin(place, "one", answering("x") + "\n[ $CNI_COMMAND != DEL ] || exit 3");
    write(place, "1.0.0", "{\"type\":\"one\"}");
    String id = place.container();
    place.args("true");
    cni(place, network, "run", "--keep", "--network", "cni:net1", id).run().ok();
    NetworkCase.jrunc(place, network, "delete", id)
        .run()
        .code(1)
        .says("CNI plugin \"one\" of network \"net1\" failed at DEL: exit status 3");
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
  }

  private static void collected(Sandbox place, TestNetwork network) throws Exception {
    plugin(place, "one", answering("x") + "\n[ $CNI_COMMAND != GC ] || [ ! -e $0.bad ] || exit 3");
    plugin(place, "two", answering("x"));
    write(place, "1.1.0", "{\"type\":\"one\"}", "{\"type\":\"two\"}");
    place.args("sleep", "100");
    String id = detached(place, network);
    contains(cni(place, network, "network", "gc", "net1", "--json").run().ok().out(), id);
    List<String> lines = Files.readAllLines(place.folder().resolve("told"));
    for (int i = 1; i <= 2; i++) {
      String line = lines.get(lines.size() - i);
      contains(line, (i == 2 ? "one" : "two") + " GC   gone {");
      contains(
          line,
          "\"cni.dev/valid-attachments\":[{\"containerID\":\"" + id + "\",\"ifname\":\"eth0\"}]");
      contains(line, "\"name\":\"net1\"");
    }
    // One that fails does not keep the others from it.
    Files.createFile(place.folder().resolve("plugins/one.bad"));
    cni(place, network, "network", "gc", "net1")
        .run()
        .code(1)
        .says("CNI plugin \"one\" of network \"net1\" failed at GC: exit status 3");
    lines = Files.readAllLines(place.folder().resolve("told"));
    contains(lines.get(lines.size() - 1), "two GC");
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    write(place, "1.0.0", "{\"type\":\"one\"}");
    cni(place, network, "network", "gc", "net1")
        .run()
        .code(1)
        .says("the plugins of CNI network \"net1\" know no GC");
  }

  private static void reboot(Sandbox place, TestNetwork network) throws Exception {
    write(place, "1.0.0", bridge(place));
    place.args("sleep", "100");
    String id = detached(place, network);
    NetworkCase.jrunc(place, network, "kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    Path pin = place.folder().resolve("state").resolve(id).resolve("netns");
    Command.of("umount", pin.toString()).run().ok();
    NetworkCase.jrunc(place, network, "delete", id).run().ok();
    requireNoLease(place);
  }

  private static void killed(Sandbox place, TestNetwork network) throws Exception {
    Path begun = place.folder().resolve("begun");
    plugin(place, "slow", "case $CNI_COMMAND in ADD) touch " + begun + "; sleep 2 ;; esac");
    write(place, "1.0.0", bridge(place), "{\"type\":\"slow\"}");
    place.args("sleep", "100");
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + network.hostFile()));
    words.addAll(place.runtimeWords("run", "--network", "cni:net1", id));
    ProcessBuilder builder = new ProcessBuilder(words).directory(place.bundle().toFile());
    builder.environment().put("CNI_CONF_DIR", configs(place).toString());
    builder.environment().put("CNI_PATH", place.folder().resolve("plugins") + ":/usr/lib/cni");
    Process run =
        builder
            .redirectErrorStream(true)
            .redirectOutput(place.folder().resolve("killed").toFile())
            .start();
    LifecycleCases.await(() -> Files.exists(begun), "ADD was not run");
    run.destroyForcibly().waitFor();
    NetworkCase.jrunc(place, network, "delete", "--force", id).run().ok();
    NetworkCase.withoutCgroups(id);
    that(!Files.exists(place.folder().resolve("state").resolve(id)), "its state is left");
    contains(Files.readString(place.folder().resolve("told")), "slow DEL " + id);
    requireNoLease(place);
  }
}
