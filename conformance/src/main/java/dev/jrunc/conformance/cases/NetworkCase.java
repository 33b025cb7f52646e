package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;

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

/** What cases of networks share: each has a host of its own, see TestNetwork. */
final class NetworkCase {
  private static final String SOURCE = "docs/network.md";
  private static final ObjectMapper JSON = new ObjectMapper();

  private NetworkCase() {}

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

  /** A container whose run in the foreground is killed as soon as there is a state. */
  static String killedRun(Sandbox place, TestNetwork network, String... options) throws Exception {
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + network.hostFile()));
    words.addAll(place.runtimeWords("run"));
    words.addAll(List.of(options));
    words.add(id);
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

  static String ask(Command command) {
    return command.input("hello\n").run().ok().out();
  }

  static List<Path> leases(Sandbox place) throws Exception {
    Path folder = place.folder().resolve("state/.network");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  static Path leaseFile(Sandbox place) {
    return place.folder().resolve("state/.network/jrunc0.leases");
  }

  // Where they are was in the state that is gone.
  static void withoutCgroups(String id) {
    Command.of("sh", "-c", "rmdir $(find /sys/fs/cgroup -type d -name " + id + ")").run();
  }
}
