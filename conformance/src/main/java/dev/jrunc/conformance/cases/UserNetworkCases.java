package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.cases.NetworkCase.withTools;
import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Networks by pasta and slirp4netns, for root and for a user who is there for the case alone. */
final class UserNetworkCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private UserNetworkCases() {}

  /** The runtime as somebody runs it. */
  private interface Runtime {
    Command command(String... words) throws IOException;
  }

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (String program : List.of("slirp4netns", "pasta")) {
      cases.add(
          of(
              program + " carries packets out and in",
              program,
              (place, network) -> {
                Runtime root = words -> jrunc(place, network, words);
                carries(place, network, program, root, place.folder().resolve("state"));
              }));
      cases.add(
          of(
              program + " carries packets of an ordinary user",
              program,
              (place, network) -> {
                RootlessCases.prepare(place, "true");
                ordinary(place, network, program);
              }));
      cases.add(
          of(
              program + " carries packets of an ordinary user with ranges of ids",
              program,
              (place, network) -> {
                assume(Files.exists(Path.of("/usr/bin/newuidmap")), "newuidmap is not installed");
                RootlessCases.prepare(place, "true");
                RootlessCases.more(place, RootlessCases.RANGE, 500);
                ordinary(place, network, program);
              }));
      cases.add(
          of(
              program + " ends with its container after kill -9",
              program,
              (place, network) -> killed(place, network, program)));
      cases.add(
          of(
              program + " that nobody has written down ends with its container",
              program,
              (place, network) -> lost(place, network, program)));
      cases.add(
          of(
              program + " that is not installed is named",
              program,
              (place, network) -> missing(place, network, program)));
    }
    cases.add(of("a tap device that cannot be opened is named", "pasta", UserNetworkCases::noTap));
    cases.add(of("a port of root's is not for others", "pasta", UserNetworkCases::rootsPort));
    cases.add(of("a bridge of an ordinary user is refused", "pasta", UserNetworkCases::bridge));
    cases.add(of("a network of an ordinary user is shared", "pasta", UserNetworkCases::shared));
    cases.add(of("cni of an ordinary user is refused", "pasta", UserNetworkCases::cni));
    cases.add(of("none and host take no rights", "pasta", UserNetworkCases::plain));
    return cases;
  }

  private static Case of(String name, String program, NetworkCase.Body body) {
    return NetworkCase.of(
        name,
        (place, network) -> {
          assume(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed");
          assume(Files.exists(Path.of("/dev/net/tun")), "there is no /dev/net/tun");
          body.run(place, network);
        });
  }

  /** The runtime of the ordinary user on this host; tap devices are for everybody, as udev does. */
  private static Command ordinary(Sandbox place, TestNetwork network, String mode, String... words)
      throws IOException {
    Path tap = place.folder().resolve("tun");
    if (!Files.exists(tap)) {
      Command.of("mknod", tap.toString(), "c", "10", "200").run().ok();
    }
    Command.of("chmod", mode, tap.toString()).run().ok();
    return RootlessCases.runtime(place, words)
        .with("TAP", tap.toString())
        .behind("nsenter", "--net=" + network.hostFile());
  }

  private static void ordinary(Sandbox place, TestNetwork network, String program)
      throws Exception {
    Runtime user = words -> ordinary(place, network, "666", words);
    carries(place, network, program, user, states(place));
  }

  private static Path states(Sandbox place) throws IOException {
    return place.folder().resolve("session/" + RootlessCases.program(place).getFileName());
  }

  private static void carries(
      Sandbox place, TestNetwork network, String program, Runtime runtime, Path states)
      throws Exception {
    network.serve(true, "socat", "TCP-LISTEN:9,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR");
    withTools(place)
        .script(
            "for i in $(seq 30); do socat -u TCP:192.0.2.2:9 - 2>/dev/null && break; sleep 0.3; done;"
                + " socat UDP-RECVFROM:7,fork EXEC:cat &"
                + " socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat & sleep 100");
    String before = network.snapshot();
    String id = place.container();
    Path said = place.folder().resolve("said-" + id);
    Command.Outcome outcome =
        runtime
            .command("run", "-d", "--network", program, "-p", "8007:7", "-p", "8007:7/udp", id)
            .intoFile(said)
            .run();
    that(outcome.code() == 0, outcome.all() + Files.readString(said));
    Path process = process(states.resolve(id));
    try {
      for (String protocol : List.of("TCP", "UDP")) {
        equal("hi\n", answer(network, protocol), "the answer of the published port, " + protocol);
      }
      equal(TestNetwork.HOST + "\n", Files.readString(said), "the address that outside sees");
      that(Files.exists(process), program + " does not run");
      equal("0\n", runtime.command("exec", id, "id", "-u").run().ok().out(), "the id of exec");
    } finally {
      // Its user's state is not where the place looks for what is left.
      runtime.command("delete", "--force", id).run();
    }
    LifecycleCases.await(() -> !Files.exists(process), program + " is left");
    that(!Files.exists(states.resolve(id)), "its state is left");
    network.expectAs(before);
  }

  private static String answer(TestNetwork network, String protocol) throws InterruptedException {
    String answer = "";
    for (int i = 0; i < 50 && answer.isEmpty(); i++) {
      answer =
          network
              .outside("socat", "-t2", "-", protocol + ":192.0.2.1:8007")
              .input("hi\n")
              .run()
              .out();
      Thread.sleep(50);
    }
    return answer;
  }

  /** The folder in /proc of the program that carries its packets. */
  private static Path process(Path state) throws IOException {
    JsonNode record = JSON.readTree(state.resolve("network.json").toFile());
    return Path.of("/proc", record.path("pid").asText());
  }

  private static void killed(Sandbox place, TestNetwork network, String program) throws Exception {
    place.args("sleep", "100");
    String id = NetworkCase.killedRun(place, network, "--network", program);
    Path process = process(place.folder().resolve("state").resolve(id));
    that(Files.exists(process), program + " does not run");
    jrunc(place, network, "delete", "--force", id).run().ok();
    LifecycleCases.await(() -> !Files.exists(process), program + " is left");
  }

  // As kill -9 of jrunc leaves it between the start of the program and the record of its number.
  private static void lost(Sandbox place, TestNetwork network, String program) throws Exception {
    RootlessCases.prepare(place, "sleep", "100");
    Runtime user = words -> ordinary(place, network, "666", words);
    lost(place, program, user, states(place));
    Runtime root = words -> jrunc(place, network, words);
    lost(place, program, root, place.folder().resolve("state"));
  }

  private static void lost(Sandbox place, String program, Runtime runtime, Path states)
      throws Exception {
    String id = place.container();
    String other = place.container();
    for (String each : List.of(id, other)) {
      runtime
          .command("run", "-d", "--network", program, each)
          .intoFile(place.folder().resolve("said-" + each))
          .run()
          .ok();
    }
    Path process = process(states.resolve(id));
    Path neighbour = process(states.resolve(other));
    Path file = states.resolve(id).resolve("network.json");
    Files.writeString(
        file, Files.readString(file).replaceAll(",\\s*\"(pid|start)\": *\"[0-9]*\"", ""));
    that(!Files.readString(file).contains("pid"), Files.readString(file));
    that(Files.exists(process), program + " does not run");
    runtime.command("delete", "--force", id).run().ok();
    LifecycleCases.await(() -> !Files.exists(process), program + " is left");
    that(Files.exists(neighbour), program + " of the other container is gone");
    runtime.command("delete", "--force", other).run().ok();
    LifecycleCases.await(() -> !Files.exists(neighbour), program + " of the other is left");
  }

  private static void missing(Sandbox place, TestNetwork network, String program)
      throws IOException {
    RootlessCases.prepare(place, "true");
    ordinary(place, network, "666", "run", "--network", program, place.container())
        .with("HIDDEN", "/usr/bin/" + program)
        .run()
        .code(1)
        .says("no " + program + " program: --network " + program + " cannot work without it")
        .says("install " + (program.equals("pasta") ? "passt" : program));
    nothingIsLeft(place);
  }

  private static void nothingIsLeft(Sandbox place) throws IOException {
    RootlessCases.nothingIsLeft(states(place));
  }

  private static void noTap(Sandbox place, TestNetwork network) throws IOException {
    RootlessCases.prepare(place, "true");
    ordinary(place, network, "600", "run", "--network", "pasta", place.container())
        .run()
        .code(1)
        .says("pasta cannot open /dev/net/tun: permission denied")
        .says("chmod 666 /dev/net/tun");
    nothingIsLeft(place);
    Command.Outcome told = ordinary(place, network, "600", "doctor").run();
    contains(told.out(), "limited  tap device: this user may not open /dev/net/tun");
  }

  private static void rootsPort(Sandbox place, TestNetwork network) throws IOException {
    RootlessCases.prepare(place, "true");
    for (String program : List.of("pasta", "slirp4netns")) {
      ordinary(place, network, "666", "run", "--network", program, "-p", "80:7", place.container())
          .run()
          .code(1)
          .says("cannot publish 80:7/tcp: port 80/tcp is for root alone")
          .says("ip_unprivileged_port_start");
    }
    nothingIsLeft(place);
  }

  private static void bridge(Sandbox place, TestNetwork network) throws IOException {
    RootlessCases.prepare(place, "true");
    ordinary(place, network, "666", "run", "--network", "bridge", place.container())
        .run()
        .code(1)
        .says("cannot make bridge \"jrunc0\": operation not permitted")
        .says("--network pasta or slirp4netns");
    nothingIsLeft(place);
  }

  private static void plain(Sandbox place, TestNetwork network) throws IOException {
    RootlessCases.prepare(place, "cat", "/proc/net/dev");
    Command none = ordinary(place, network, "666", "run", "--network", "none", place.container());
    String out = none.run().ok().out();
    that(out.contains("lo:") && !out.contains("up0:"), out);
    Command host = ordinary(place, network, "666", "run", "--network", "host", place.container());
    contains(host.run().ok().out(), "up0:");
  }

  private static void shared(Sandbox place, TestNetwork network) throws Exception {
    RootlessCases.prepare(place, "true");
    withTools(place).script("socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat & sleep 100");
    String server = place.container();
    ordinary(place, network, "666", "run", "-d", "--network", "pasta", server)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    place.script("echo hello | socat -t2 - TCP:127.0.0.1:7,retry=50,interval=0.1; id -u");
    String mode = "container:" + server;
    equal(
        "hello\n0\n",
        ordinary(place, network, "666", "run", "--network", mode, place.container())
            .run()
            .ok()
            .out(),
        "the answer of the other");
    ordinary(place, network, "666", "network", "check", server).run().ok();
    Path process = process(states(place).resolve(server));
    Command.of("kill", "-9", process.getFileName().toString()).run().ok();
    LifecycleCases.await(() -> !Files.exists(process), "it does not end");
    ordinary(place, network, "666", "network", "check", server)
        .run()
        .code(1)
        .says("pasta does not run any more");
    ordinary(place, network, "666", "delete", "--force", server).run().ok();
    nothingIsLeft(place);
  }

  private static void cni(Sandbox place, TestNetwork network) throws IOException {
    RootlessCases.prepare(place, "true");
    ordinary(place, network, "666", "run", "--network", "cni:net1", place.container())
        .run()
        .code(1)
        .says("--network cni:net1 is for root: plugins make devices on the host")
        .says("--network pasta or slirp4netns");
    nothingIsLeft(place);
  }
}
