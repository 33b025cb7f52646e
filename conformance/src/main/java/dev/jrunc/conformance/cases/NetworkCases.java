package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Networks that a runtime makes by itself: each case has a host of its own, see TestNetwork. */
final class NetworkCases {
  private static final String SOURCE = "docs/network.md";
  private static final ObjectMapper JSON = new ObjectMapper();

  private NetworkCases() {}

  /** What is tried, with a network. */
  interface Body {
    void run(Sandbox place, TestNetwork network) throws Exception;
  }

  static Case of(String name, Body body) {
    return Case.of(
        "network: " + name,
        SOURCE,
        place -> {
          assume(!place.isRunc(), "runc makes no networks");
          assume(Files.isExecutable(Path.of("/usr/bin/socat")), "socat is not installed");
          try (TestNetwork network = TestNetwork.open()) {
            try {
              body.run(place, network);
            } finally {
              end(place, network);
            }
          }
        });
  }

  // Their network is of the namespace that is about to go.
  private static void end(Sandbox place, TestNetwork network) throws Exception {
    Path state = place.folder().resolve("state");
    if (Files.isDirectory(state)) {
      try (Stream<Path> all = Files.list(state)) {
        for (Path container : all.toList()) {
          String id = String.valueOf(container.getFileName());
          if (!id.startsWith(".")) {
            jrunc(place, network, "delete", "--force", id).run();
          }
        }
      }
    }
  }

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("a bridge gives an address, a way out and names", NetworkCases::bridge));
    cases.add(of("containers and host talk TCP and UDP over a bridge", NetworkCases::talk));
    cases.add(of("a published port answers", NetworkCases::publish));
    cases.add(of("a port published on one address answers there alone", NetworkCases::oneAddress));
    cases.add(of("outside sees the host's address", NetworkCases::translation));
    cases.add(of("the host's loopback is closed to containers", NetworkCases::guard));
    cases.add(of("the last container takes the bridge along", NetworkCases::last));
    cases.add(of("a run that is killed is cleaned up by delete", NetworkCases::killed));
    cases.add(of("a container without state is cleaned up by force", NetworkCases::halfMade));
    cases.add(of("leases from before a reboot are given back", NetworkCases::reboot));
    cases.add(of("an exhausted pool is said plainly", NetworkCases::exhausted));
    cases.add(of("a stale lease is given out again", NetworkCases::stale));
    cases.add(of("a port that is taken is said plainly", NetworkCases::taken));
    cases.add(of("a foreign bridge is left alone", NetworkCases::foreign));
    cases.add(of("without nft nothing is left", NetworkCases::withoutNft));
    cases.add(of("a damaged lease file is said plainly and mended", NetworkCases::damaged));
    cases.add(of("none has loopback alone", NetworkCases::none));
    cases.add(of("host shares the caller's", NetworkCases::host));
    cases.add(of("a namespace is joined by its path", NetworkCases::joined));
    cases.add(of("a container's network is shared", NetworkCases::shared));
    cases.add(of("ls, inspect and check tell what is there", NetworkCases::told));
    cases.add(of("create makes it, and start finds it", NetworkCases::created));
    cases.add(of("plan shows every step", NetworkCases::plan));
    for (String program : List.of("slirp4netns", "pasta")) {
      cases.add(
          of(
              program + " carries packets out and in",
              (place, network) -> user(place, network, program)));
    }
    return cases;
  }

  private static void created(Sandbox place, TestNetwork network) {
    String[] flags = {"--network", "bridge", "--publish", "8007:7", "--subnet", "10.9.8.0/28"};
    jrunc(place, network, Command.words(List.of("plan"), flags).toArray(String[]::new)).run().ok();
    String id = place.container();
    place.args("sleep", "100");
    List<String> words = Command.words(Command.words(List.of("create"), flags), id);
    Path said = place.folder().resolve("said");
    jrunc(place, network, words.toArray(String[]::new)).intoFile(said).run().ok();
    jrunc(place, network, "start", id).run().ok();
    jrunc(place, network, "network", "check", id).run().ok();
    contains(jrunc(place, network, "network", "inspect").run().ok().out(), "10.9.8.");
  }

  static Command jrunc(Sandbox place, TestNetwork network, String... words) {
    return network.onHost(place.runtimeWords(words)).in(place.bundle());
  }

  /** The host's programs in the container, read-only. */
  static Sandbox withTools(Sandbox place) {
    return place.config(config -> {
      for (String folder : List.of("/usr", "/lib", "/lib64")) {
        Sandbox.mount(config, folder, "bind", folder, "rbind", "ro");
      }
    });
  }

  /** A container that runs beside, its streams in a file. */
  static String detached(Sandbox place, TestNetwork network, String... options) {
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("run", "--detach"));
    words.addAll(List.of(options));
    words.add(id);
    Command.Outcome outcome =
        jrunc(place, network, words.toArray(String[]::new))
            .intoFile(place.folder().resolve("said-" + id))
            .run();
    outcome.ok();
    return id;
  }

  private static final String ECHO =
      "socat TCP6-LISTEN:7,ipv6only=0,fork,reuseaddr EXEC:cat &"
          + " socat UDP6-RECVFROM:7,ipv6only=0,fork EXEC:cat & wait";

  static String echoServer(Sandbox place, TestNetwork network, String... options) throws Exception {
    withTools(place).script(ECHO);
    String id = detached(place, network, options);
    for (int i = 0; i < 100; i++) {
      String sockets =
          jrunc(place, network, "exec", id, "cat", "/proc/net/tcp6", "/proc/net/udp6")
              .run()
              .ok()
              .out();
      if (sockets.split(":0007 ", -1).length >= 3) {
        return id;
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("the server does not listen");
  }

  static JsonNode member(Sandbox place, TestNetwork network, String id) throws Exception {
    JsonNode all =
        JSON.readTree(jrunc(place, network, "network", "inspect", "--json").run().ok().out());
    for (JsonNode bridge : all.path("networks")) {
      for (JsonNode member : bridge.path("containers")) {
        if (member.path("id").asText().equals(id)) {
          return member;
        }
      }
    }
    throw new IllegalStateException(id + " is not in " + all);
  }

  static String address(Sandbox place, TestNetwork network, String id, int which) throws Exception {
    String[] addresses = member(place, network, id).path("addresses").asText().split(" ");
    return addresses[which].substring(0, addresses[which].indexOf('/'));
  }

  private static void bridge(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.config(config -> config.put("hostname", "inside"));
    place.script("ip addr show eth0; ip route; ip -6 route; cat /etc/resolv.conf /etc/hosts");
    String out =
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out();
    contains(out, "inet 10.87.0.2/22 brd 10.87.3.255");
    contains(out, "inet6 fd");
    contains(out, "UP,LOWER_UP");
    contains(out, "default via 10.87.0.1 dev eth0");
    contains(out, "default via fd");
    contains(out, "10.87.0.2\tinside");
    contains(out, "127.0.0.1\tlocalhost");
    network.expectAs(before);
  }

  private static String ask(Command command) {
    return command.input("hello\n").run().ok().out();
  }

  private static void talk(Sandbox place, TestNetwork network) throws Exception {
    String server = echoServer(place, network, "--network", "bridge");
    String four = address(place, network, server, 0);
    String six = address(place, network, server, 1);
    for (String to :
        List.of(
            "TCP:" + four + ":7",
            "UDP:" + four + ":7",
            "TCP:[" + six + "]:7",
            "UDP:[" + six + "]:7")) {
      equal("hello\n", ask(network.onHost("socat", "-t2", "-", to)), "the host's answer of " + to);
      place.script("echo hello | socat -t2 - " + to);
      equal(
          "hello\n",
          jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out(),
          "the other container's answer of " + to);
    }
  }

  private static void publish(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    String server =
        echoServer(place, network, "--network", "bridge", "-p", "8007:7", "-p", "8007:7/udp");
    for (String protocol : List.of("TCP", "UDP")) {
      for (String host : List.of("127.0.0.1", TestNetwork.HOST)) {
        equal(
            "hello\n",
            ask(network.onHost("socat", "-t2", "-", protocol + ":" + host + ":8007")),
            protocol + " from the host to " + host);
      }
      equal(
          "hello\n",
          ask(network.outside("socat", "-t2", "-", protocol + ":192.0.2.1:8007")),
          protocol + " from outside");
    }
    // From another container by the host's address, and from the container itself.
    String gateway = address(place, network, server, 0).replaceAll("[0-9]+$", "1");
    place.script("echo hello | socat -t2 - TCP:" + gateway + ":8007");
    equal(
        "hello\n",
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out(),
        "the answer over the gateway");
    equal(
        "hello\n",
        jrunc(
                place,
                network,
                "exec",
                server,
                "sh",
                "-c",
                "echo hello | socat -t2 - TCP:192.0.2.1:8007")
            .run()
            .ok()
            .out(),
        "its own answer over the host");
    jrunc(place, network, "delete", "--force", server).run().ok();
    network.expectAs(before);
    network.onHost("socat", "-u", "OPEN:/dev/null", "TCP:127.0.0.1:8007").run().code(1);
  }

  private static void oneAddress(Sandbox place, TestNetwork network) throws Exception {
    echoServer(place, network, "--network", "bridge", "-p", "127.0.0.1:8007:7");
    equal("hello\n", ask(network.onHost("socat", "-t2", "-", "TCP:127.0.0.1:8007")), "the answer");
    network.outside("socat", "-u", "OPEN:/dev/null", "TCP:192.0.2.1:8007").run().code(1);
    String other = echoServer(place, network, "--network", "bridge", "-p", "192.0.2.1:8007:7");
    equal("hello\n", ask(network.outside("socat", "-t2", "-", "TCP:192.0.2.1:8007")), other);
  }

  private static void translation(Sandbox place, TestNetwork network) throws Exception {
    network.serve(true, "socat", "TCP-LISTEN:9,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR");
    withTools(place)
        .script("for i in 1 2 3 4 5; do socat -u TCP:192.0.2.2:9 - && exit; sleep 0.3; done");
    String out =
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out();
    equal(TestNetwork.HOST + "\n", out, "the address that outside sees");
  }

  private static void guard(Sandbox place, TestNetwork network) throws Exception {
    network.serve(false, "socat", "TCP-LISTEN:9,bind=127.0.0.1,fork,reuseaddr", "EXEC:cat");
    withTools(place)
        .script(
            "ip route add 127.0.0.9/32 via 10.87.0.1; ip addr del 127.0.0.1/8 dev lo;"
                + " ip route add 127.0.0.1/32 via 10.87.0.1 && echo x | socat -T2 - TCP:127.0.0.1:9,"
                + "connect-timeout=2 || echo closed");
    place.config(config -> {
      for (String set : List.of("bounding", "effective", "permitted")) {
        config.withObject("/process/capabilities").withArray("/" + set).add("CAP_NET_ADMIN");
      }
      config.withObject("/linux/sysctl").put("net.ipv4.conf.all.route_localnet", "1");
    });
    contains(
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().all(),
        "closed");
  }

  private static void last(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String first = detached(place, network, "--network", "bridge:br9");
    String second = detached(place, network, "--network", "bridge:br9");
    that(
        !address(place, network, first, 0).equals(address(place, network, second, 0)),
        "both have one address");
    jrunc(place, network, "delete", "--force", first).run().ok();
    contains(network.onHost("ip", "-o", "link").run().ok().out(), " br9: ");
    jrunc(place, network, "delete", "--force", second).run().ok();
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static List<Path> leases(Sandbox place) throws Exception {
    Path folder = place.folder().resolve("state/.network");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void killed(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + network.hostFile()));
    words.addAll(place.runtimeWords("run", "--network", "bridge", "-p", "8007:7", id));
    Process run =
        new ProcessBuilder(words)
            .directory(place.bundle().toFile())
            .redirectErrorStream(true)
            .redirectOutput(place.folder().resolve("killed").toFile())
            .start();
    for (int i = 0; i < 100 && jrunc(place, network, "state", id).run().code() != 0; i++) {
      Thread.sleep(50);
    }
    run.destroyForcibly().waitFor();
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

  // Where they are was in the state that is gone.
  private static void withoutCgroups(String id) {
    Command.of("sh", "-c", "rmdir $(find /sys/fs/cgroup -type d -name " + id + ")").run();
  }

  private static Path leaseFile(Sandbox place) {
    return place.folder().resolve("state/.network/jrunc0.leases");
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

  private static void taken(Sandbox place, TestNetwork network) throws Exception {
    network.serve(false, "socat", "TCP-LISTEN:8006,reuseaddr", "EXEC:cat");
    String before = network.snapshot();
    place.args("sleep", "100");
    String refused = place.container();
    for (int i = 0; i < 100 && !network.onHost("ss", "-ltn").run().out().contains(":8006"); i++) {
      Thread.sleep(50);
    }
    jrunc(place, network, "run", "--network", "bridge", "-p", "8006:7", refused)
        .run()
        .code(1)
        .says("port 8006/tcp is taken: a program of this host listens on it");
    equal(before, network.snapshot(), "the host's network");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    jrunc(place, network, "run", "--network", "bridge:b2", "-p", "127.0.0.1:8007:7", refused)
        .run()
        .code(1)
        .says("port 127.0.0.1:8007/tcp is taken: container \"" + id + "\" publishes it");
    jrunc(place, network, "run", "--network", "bridge", "-p", "198.51.100.1:80:7", refused)
        .run()
        .code(1)
        .says("this host has no address 198.51.100.1");
    jrunc(place, network, "delete", "--force", id).run().ok();
    equal(before, network.snapshot(), "the host's network");
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

  private static void none(Sandbox place, TestNetwork network) throws Exception {
    place.config(config -> Sandbox.without(config, "network"));
    place.script("ls /sys/class/net; cat /proc/net/dev");
    String out =
        jrunc(place, network, "run", "--network", "none", place.container()).run().ok().out();
    contains(out, "lo");
    that(!out.contains("up0") && !out.contains("eth0"), out);
  }

  private static void host(Sandbox place, TestNetwork network) throws Exception {
    place.config(config -> config.withObject("/linux").putArray("maskedPaths"));
    place.script("cat /proc/net/dev");
    contains(
        jrunc(place, network, "run", "--network", "host", place.container()).run().ok().out(),
        "up0");
    place.config(config -> config.withObject("/linux/sysctl").put("net.ipv4.ip_forward", "0"));
    jrunc(place, network, "run", "--network", "host", place.container())
        .run()
        .code(1)
        .says("would change the host's network");
  }

  private static void joined(Sandbox place, TestNetwork network) throws Exception {
    place.script("cat /proc/net/dev");
    String mode = "ns:" + network.hostFile();
    contains(place.runtime("run", "--network", mode, place.container()).run().ok().out(), "up0");
    place
        .runtime("run", "--network", "ns:/run/netns/never-there", place.container())
        .run()
        .code(1)
        .says("/run/netns/never-there");
  }

  private static void shared(Sandbox place, TestNetwork network) throws Exception {
    String server = echoServer(place, network, "--network", "bridge");
    place.script("echo hello | socat -t2 - TCP:127.0.0.1:7; cat /etc/hosts");
    String out =
        jrunc(place, network, "run", "--network", "container:" + server, place.container())
            .run()
            .ok()
            .out();
    contains(out, "hello\n");
    contains(out, address(place, network, server, 0));
    jrunc(place, network, "kill", server, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, server);
    jrunc(place, network, "run", "--network", "container:" + server, place.container())
        .run()
        .code(1)
        .says("cannot join the network of container \"" + server + "\": it does not run");
  }

  private static void told(Sandbox place, TestNetwork network) throws Exception {
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    String list = jrunc(place, network, "network", "ls").run().ok().out();
    contains(list, "jrunc0");
    contains(list, "10.87.0.0/22");
    String inspected = jrunc(place, network, "network", "inspect", "jrunc0").run().ok().out();
    contains(inspected, id);
    contains(inspected, "8007:7/tcp");
    jrunc(place, network, "network", "inspect", "never").run().code(1).says("no network \"never\"");
    jrunc(place, network, "network", "check", id).run().ok();
    equal("", jrunc(place, network, "network", "prune").run().ok().out(), "what is pruned");
    network.onHost("nft", "flush", "ruleset").run().ok();
    jrunc(place, network, "network", "check", id).run().code(1).says("the rules of \"jrunc0\"");
    // The next container mends it for all.
    detached(place, network, "--network", "bridge");
    jrunc(place, network, "network", "check", id).run().ok();
    contains(network.onHost("nft", "list", "ruleset").run().ok().out(), "8007");
    String link = member(place, network, id).path("link").asText();
    network.onHost("ip", "link", "del", link).run().ok();
    jrunc(place, network, "network", "check", id).run().code(1).says("is no port of");
  }

  private static void plan(Sandbox place, TestNetwork network) throws Exception {
    String text =
        jrunc(place, network, "plan", "--network", "bridge", "-p", "8007:7").run().ok().out();
    for (String step :
        List.of(
            "lease addresses",
            "make name files",
            "ensure bridge",
            "connect to bridge",
            "publish ports",
            "await network",
            "/etc/resolv.conf")) {
      contains(text, step);
    }
    String plain = jrunc(place, network, "plan").run().ok().out();
    that(!plain.contains("await network") && !plain.contains("bridge"), plain);
  }

  private static void user(Sandbox place, TestNetwork network, String program) throws Exception {
    assume(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed");
    assume(Files.exists(Path.of("/dev/net/tun")), "there is no /dev/net/tun");
    network.serve(true, "socat", "TCP-LISTEN:9,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR");
    withTools(place)
        .script(
            "for i in 1 2 3 4 5 6; do socat -u TCP:192.0.2.2:9 - && break; sleep 0.3; done;"
                + " socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat & sleep 100");
    String before = network.snapshot();
    String id = detached(place, network, "--network", program, "-p", "8007:7");
    String answer = "";
    for (int i = 0; i < 50 && answer.isEmpty(); i++) {
      answer = network.outside("socat", "-t2", "-", "TCP:192.0.2.1:8007").input("hi\n").run().out();
      Thread.sleep(50);
    }
    equal("hi\n", answer, "the answer of the published port");
    equal(
        TestNetwork.HOST + "\n",
        Files.readString(place.folder().resolve("said-" + id)),
        "the address that outside sees");
    JsonNode record =
        JSON.readTree(place.folder().resolve("state").resolve(id).resolve("network.json").toFile());
    Path process = Path.of("/proc", record.path("pid").asText());
    that(Files.exists(process), program + " does not run");
    jrunc(place, network, "delete", "--force", id).run().ok();
    for (int i = 0; i < 50 && Files.exists(process); i++) {
      Thread.sleep(50);
    }
    that(!Files.exists(process), program + " is left");
    network.expectAs(before);
  }
}
