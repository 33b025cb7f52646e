package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
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
import java.util.stream.Stream;

/** The execution protocol of CNI, with Debian's plugins and with ones that misbehave. */
final class CniCases {
  private CniCases() {}

  private static Case of(String name, NetworkCase.Body body) {
    return NetworkCase.of(
        "cni: " + name,
        (place, network) -> {
          assume(
              Files.isExecutable(Path.of("/usr/lib/cni/bridge")),
              "containernetworking-plugins is not installed");
          body.run(place, network);
        });
  }

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (String version : List.of("0.3.1", "0.4.0", "1.0.0")) {
      cases.add(
          of(
              "a chain of bridge, portmap and firewall, " + version,
              (place, network) -> chain(place, network, version)));
    }
    cases.add(of("CHECK finds a change", CniCases::checked));
    cases.add(of("every plugin is told what the protocol says", CniCases::told));
    cases.add(of("a plugin that fails undoes the chain", CniCases::midChain));
    cases.add(of("what is missing is said before anything is made", CniCases::missing));
    cases.add(of("a DEL that fails keeps the container, force does not", CniCases::stubborn));
    cases.add(of("every capability reaches its plugins", CniCases::capabilities));
    cases.add(of("address, hardware address and bandwidth are as wished", CniCases::wished));
    cases.add(of("what no plugin can do is refused", CniCases::unable));
    cases.add(of("GC tells which containers are there", CniCases::collected));
    cases.add(of("after a reboot DEL is run without a namespace", CniCases::reboot));
    cases.add(of("a run that is killed in the middle of ADD is undone", CniCases::killed));
    return cases;
  }

  private static Path configs(Sandbox place) throws IOException {
    return Files.createDirectories(place.folder().resolve("net.d"));
  }

  private static Command cni(Sandbox place, TestNetwork network, String... words)
      throws IOException {
    return NetworkCase.jrunc(place, network, words)
        .with("CNI_CONF_DIR", configs(place).toString())
        .with("CNI_PATH", place.folder().resolve("plugins") + ":/usr/lib/cni");
  }

  private static void write(Sandbox place, String version, String... plugins) throws IOException {
    Files.writeString(
        configs(place).resolve("10-net.conflist"),
        "{\"cniVersion\": \""
            + version
            + "\", \"name\": \"net1\", \"plugins\": ["
            + String.join(",", plugins)
            + "]}");
  }

  private static String bridge(Sandbox place) {
    return "{\"type\": \"bridge\", \"bridge\": \"cni9\", \"isGateway\": true, \"ipMasq\": true,"
        + " \"ipam\": {\"type\": \"host-local\", \"dataDir\": \""
        + place.folder().resolve("ipam")
        + "\", \"ranges\": [[{\"subnet\": \"10.99.0.0/24\"}], [{\"subnet\": \"fd99::/64\"}]],"
        + " \"routes\": [{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"::/0\"}]},"
        + " \"dns\": {\"nameservers\": [\"192.0.2.53\"], \"search\": [\"example.org\"]}}";
  }

  private static final String PORTMAP =
      "{\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}, \"snat\": true}";

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
    try (Stream<Path> leases = Files.list(place.folder().resolve("ipam/net1"))) {
      that(leases.noneMatch(path -> path.getFileName().toString().startsWith("10.")), "a lease");
    }
  }

  // Debian's portmap looks for the rules of IPv4 in the tables of IPv6, so it is left out here.
  private static void checked(Sandbox place, TestNetwork network) throws Exception {
    write(place, "1.0.0", bridge(place), "{\"type\": \"firewall\"}");
    place.args("sleep", "100");
    String id = place.container();
    cni(place, network, "run", "-d", "--network", "cni:net1", id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    cni(place, network, "network", "check", id).run().ok();
    String pin = place.folder().resolve("state").resolve(id).resolve("netns").toString();
    Command.of("nsenter", "--net=" + pin, "ip", "addr", "flush", "dev", "eth0").run().ok();
    cni(place, network, "network", "check", id)
        .run()
        .code(1)
        .says("CNI plugin \"bridge\" of network \"net1\" failed at CHECK");
  }

  /** A plugin that keeps what it is told, and answers as the script behind it says. */
  private static void plugin(Sandbox place, String name, String script) throws IOException {
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

  private static String answering(String mark) {
    String result = "{\"cniVersion\":\"1.1.0\",\"ips\":[{\"address\":\"10.1.2.3/24\"}],\"mark\":\"";
    return "case $CNI_COMMAND in ADD) echo '" + result + mark + "\"}' ;; esac";
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
    try (Stream<Path> leases = Files.list(place.folder().resolve("ipam/net1"))) {
      that(leases.noneMatch(path -> path.getFileName().toString().startsWith("10.")), "a lease");
    }
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

  private static void collected(Sandbox place, TestNetwork network) throws Exception {
    plugin(place, "one", answering("x") + "\n[ $CNI_COMMAND != GC ] || [ ! -e $0.bad ] || exit 3");
    plugin(place, "two", answering("x"));
    write(place, "1.1.0", "{\"type\":\"one\"}", "{\"type\":\"two\"}");
    place.args("sleep", "100");
    String id = place.container();
    cni(place, network, "run", "-d", "--network", "cni:net1", id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
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
    String id = place.container();
    cni(place, network, "run", "-d", "--network", "cni:net1", id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    NetworkCase.jrunc(place, network, "kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    Path pin = place.folder().resolve("state").resolve(id).resolve("netns");
    Command.of("umount", pin.toString()).run().ok();
    NetworkCase.jrunc(place, network, "delete", id).run().ok();
    try (Stream<Path> leases = Files.list(place.folder().resolve("ipam/net1"))) {
      that(leases.noneMatch(path -> path.getFileName().toString().startsWith("10.")), "a lease");
    }
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
    try (Stream<Path> leases = Files.list(place.folder().resolve("ipam/net1"))) {
      that(leases.noneMatch(path -> path.getFileName().toString().startsWith("10.")), "a lease");
    }
  }
}
