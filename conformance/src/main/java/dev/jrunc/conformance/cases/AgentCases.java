package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The seccomp agent: calls that a process outside of the container answers. */
final class AgentCases {
  private static final String SECCOMP = "config-linux.md Seccomp, listenerPath";
  private static final String STATE = "config-linux.md The Container Process State";

  // Refuses mkdir with EXDEV and lets every other call go on: what it says can come from it alone.
  private static final String AGENT =
      """
      import fcntl, os, socket, struct, sys, threading
      RECEIVE, ANSWER, GO_ON = 0xc0502100, 0xc0182101, 1
      server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
      server.bind(sys.argv[1])
      server.listen(5)
      def serve(listener):
        while True:
          call = bytearray(80)
          try:
            fcntl.ioctl(listener, RECEIVE, call)
            number, _, _, which = struct.unpack_from('QIIi', call)
            refused = which in (83, 258, 34)
            error, flags = (-18, 0) if refused else (0, GO_ON)
            fcntl.ioctl(listener, ANSWER, bytearray(struct.pack('QqiI', number, 0, error, flags)))
          except OSError:
            return
      print('listening', flush=True)
      while True:
        peer, _ = server.accept()
        message, descriptors, _, _ = socket.recv_fds(peer, 65536, 4)
        print(message.decode(), flush=True)
        threading.Thread(target=serve, args=(descriptors[0],), daemon=True).start()
      """;

  private AgentCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("an agent answers for a call", SECCOMP, place -> answers(place, true)),
        Case.of("an agent, privileges not given up", SECCOMP, place -> answers(place, false)),
        Case.of("an agent for calls of the runtime", SECCOMP, place -> ownCalls(place, true)),
        Case.of("the same, privileges not given up", SECCOMP, place -> ownCalls(place, false)),
        Case.of("an agent answers from create on", SECCOMP, AgentCases::created),
        Case.of("an agent answers for exec", SECCOMP, AgentCases::executed),
        Case.of("what the agent is told of create", STATE, AgentCases::toldOfCreate),
        Case.of("what the agent is told of exec", STATE, AgentCases::toldOfExec),
        Case.of("an agent of a user without root", SECCOMP, AgentCases::ofUser),
        Case.of("what a user's agent cannot be asked", SECCOMP, AgentCases::notOfUser),
        Case.of("an agent that is gone", SECCOMP, AgentCases::gone),
        Case.of("an agent that was never there", SECCOMP, AgentCases::missing),
        Case.of("a profile that asks no agent needs none", SECCOMP, AgentCases::ignored),
        Case.of("SCMP_ACT_NOTIFY for write is refused", SECCOMP, AgentCases::write),
        Case.of("SCMP_ACT_NOTIFY by default is refused", SECCOMP, AgentCases::byDefault),
        Case.of("SCMP_ACT_NOTIFY without a path is refused", SECCOMP, AgentCases::noPath));
  }

  /** A running agent, and what it was told. */
  private record Agent(Process process, Path log) implements AutoCloseable {
    static Agent start(Sandbox place) throws Exception {
      assume(Files.exists(Path.of("/usr/bin/python3")), "python3 is not there");
      Path script = place.folder().resolve("agent.py");
      Path log = place.folder().resolve("agent.log");
      Files.writeString(script, AGENT);
      Process process =
          new ProcessBuilder("python3", script.toString(), socket(place))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      for (int i = 0; i < 500 && !Files.readString(log).contains("listening"); i++) {
        Thread.sleep(20);
      }
      return new Agent(process, log);
    }

    /** What it was told, once that is so often: the runtime does not wait for it to have read. */
    List<JsonNode> told(int often) throws Exception {
      List<JsonNode> told = told();
      for (int i = 0; i < 500 && told.size() < often; i++) {
        Thread.sleep(20);
        told = told();
      }
      equal(often, told.size(), "how often the agent was called");
      return told;
    }

    private List<JsonNode> told() throws Exception {
      List<JsonNode> told = new ArrayList<>();
      for (String line : Files.readAllLines(log)) {
        if (line.startsWith("{")) {
          told.add(new ObjectMapper().readTree(line));
        }
      }
      return told;
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  private static String socket(Sandbox place) {
    return place.folder().resolve("agent.sock").toString();
  }

  private static void profile(Sandbox place, boolean noNewPrivileges, String... calls) {
    place.config(Writable::root);
    place.config(config -> {
      config.withObject("/process").put("noNewPrivileges", noNewPrivileges);
      ObjectNode seccomp = config.withObject("/linux").putObject("seccomp");
      seccomp.put("defaultAction", "SCMP_ACT_ALLOW");
      seccomp.put("listenerPath", socket(place)).put("listenerMetadata", "a word");
      seccomp.putArray("architectures").add("SCMP_ARCH_X86_64").add("SCMP_ARCH_X86");
      ObjectNode rule = seccomp.putArray("syscalls").addObject();
      ArrayNode names = rule.put("action", "SCMP_ACT_NOTIFY").putArray("names");
      for (String call : calls) {
        names.add(call);
      }
    });
  }

  private static final String ANSWERED = "Invalid cross-device link";

  private static void answers(Sandbox place, boolean noNewPrivileges) throws Exception {
    profile(place, noNewPrivileges, "mkdir", "mkdirat");
    try (Agent agent = Agent.start(place)) {
      place.script("mkdir /x").run().code(1).says(ANSWERED);
      agent.told(1);
    }
  }

  private static void ownCalls(Sandbox place, boolean noNewPrivileges) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 takes a minute for it where no_new_privs is set");
    profile(place, noNewPrivileges, "execve", "openat", "open", "read", "close", "fcntl", "mkdir");
    try (Agent agent = Agent.start(place)) {
      place.script("mkdir /x").run().code(1).says(ANSWERED);
      agent.told(1);
    }
  }

  private static void created(Sandbox place) throws Exception {
    String id = place.container();
    profile(place, true, "mkdir", "mkdirat");
    Path log = place.folder().resolve("out");
    try (Agent agent = Agent.start(place)) {
      place.script("mkdir /x; echo $?; sleep 100").runtime("create", id).intoFile(log).run().ok();
      agent.told(1);
      place.runtime("start", id).run().ok();
      for (int i = 0; i < 200 && !Files.readString(log).endsWith("1\n"); i++) {
        Thread.sleep(20);
      }
      that(Files.readString(log).contains(ANSWERED), Files.readString(log));
    }
  }

  private static void executed(Sandbox place) throws Exception {
    for (boolean noNewPrivileges : new boolean[] {true, false}) {
      profile(place, noNewPrivileges, "mkdir", "mkdirat");
      Files.deleteIfExists(Path.of(socket(place)));
      try (Agent agent = Agent.start(place)) {
        String id = LifecycleCases.running(place.args("sleep", "100"));
        place.runtime("exec", id, "mkdir", "/x").run().code(1).says(ANSWERED);
        agent.told(2);
      }
    }
  }

  private static void state(Sandbox place, JsonNode told, String id, String status) {
    equal("[\"seccompFd\"]", told.path("fds").toString(), "fds");
    equal("a word", told.path("metadata").asText(), "the metadata");
    that(told.path("ociVersion").asText().startsWith("1."), told.toString());
    that(told.path("pid").asInt() > 1, told.toString());
    equal(id, told.path("state").path("id").asText(), "the id");
    equal(status, told.path("state").path("status").asText(), "the status");
    equal(place.bundle().toString(), told.path("state").path("bundle").asText(), "the bundle");
    equal("v", told.path("state").path("annotations").path("k").asText(), "the annotation");
  }

  private static void toldOfCreate(Sandbox place) throws Exception {
    profile(place, true, "mkdir");
    place.config(config -> config.withObject("/annotations").put("k", "v"));
    try (Agent agent = Agent.start(place)) {
      String id = LifecycleCases.running(place.args("sleep", "100"));
      JsonNode told = agent.told(1).get(0);
      state(place, told, id, "creating");
      equal(told.path("pid"), told.path("state").path("pid"), "the pid");
    }
  }

  private static void toldOfExec(Sandbox place) throws Exception {
    profile(place, true, "mkdir");
    place.config(config -> config.withObject("/annotations").put("k", "v"));
    try (Agent agent = Agent.start(place)) {
      String id = LifecycleCases.running(place.args("sleep", "100"));
      place.runtime("exec", id, "true").run().ok();
      JsonNode told = agent.told(2).get(1);
      state(place, told, id, "running");
      JsonNode first = agent.told(2).get(0).path("pid");
      equal(first, told.path("state").path("pid"), "the pid of the container");
      that(!first.equals(told.path("pid")), "the program of exec has the pid of the first");
    }
  }

  private static final String OF_USER =
      "runc takes the listener by pidfd_getfd(2), which a user without root may not";

  // The listener cannot be taken from a process that is not dumpable: it is sent.
  private static void ofUser(Sandbox place) throws Exception {
    assume(!place.isRunc(), OF_USER);
    for (boolean noNewPrivileges : new boolean[] {true, false}) {
      Files.deleteIfExists(Path.of(socket(place)));
      try (Agent agent = startForUser(place, noNewPrivileges, "mkdir", "mkdirat", "recvmsg")) {
        String id = place.container();
        Path log = place.folder().resolve("out");
        place.script("mkdir /tmp/x; sleep 100");
        Command create = RootlessCases.runtime(place, "run", "--detach", id).intoFile(log);
        that(create.run().code() == 0, Files.readString(log));
        LifecycleCases.await(
            () -> Files.readString(log).contains(ANSWERED), "the agent did not answer");
        RootlessCases.runtime(place, "exec", id, "mkdir", "/tmp/x").run().code(1).says(ANSWERED);
        equal(id, agent.told(2).get(0).path("state").path("id").asText(), "the id");
        RootlessCases.runtime(place, "delete", "--force", id).run().ok();
      }
    }
  }

  private static Agent startForUser(Sandbox place, boolean noNewPrivileges, String... calls)
      throws Exception {
    RootlessCases.prepare(place, "true");
    profile(place, noNewPrivileges, calls);
    Agent agent = Agent.start(place);
    Command.of("chmod", "777", socket(place)).run().ok();
    return agent;
  }

  private static void notOfUser(Sandbox place) throws Exception {
    assume(!place.isRunc(), OF_USER);
    try (Agent agent = startForUser(place, true, "mkdir", "sendmsg")) {
      RootlessCases.runtime(place, "run", place.container())
          .run()
          .code(1)
          .says("SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall")
          .says("/linux/seccomp/syscalls/0");
      RootlessCases.runtime(place, "validate", place.bundle().toString())
          .run()
          .code(1)
          .says("SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall");
      place.config(config -> {
        ObjectNode rule = (ObjectNode) config.at("/linux/seccomp/syscalls/0");
        rule.putArray("names").add("mkdir");
        config
            .withObject("/linux/seccomp")
            .withArray("/syscalls")
            .addObject()
            .put("action", "SCMP_ACT_ERRNO")
            .putArray("names")
            .add("sendmsg");
      });
      RootlessCases.runtime(place, "run", place.container())
          .run()
          .code(1)
          .says("cannot send the seccomp listener")
          .says("the profile must allow sendmsg");
      agent.told(0);
    }
  }

  private static void gone(Sandbox place) throws Exception {
    profile(place, true, "mkdir", "mkdirat");
    String id;
    try (Agent agent = Agent.start(place)) {
      id = place.container();
      Path log = place.folder().resolve("out");
      place.script("mkdir /x; sleep 100").runtime("create", id).intoFile(log).run().ok();
      agent.told(1);
    }
    place.runtime("start", id).run().ok();
    Path log = place.folder().resolve("out");
    for (int i = 0; i < 200 && Files.readString(log).isEmpty(); i++) {
      Thread.sleep(20);
    }
    that(Files.readString(log).contains("Function not implemented"), Files.readString(log));
  }

  private static void missing(Sandbox place) {
    profile(place, true, "mkdir");
    Command.Outcome outcome = place.args("true").run().code(1);
    outcome.says("failed to connect with seccomp agent");
  }

  private static void ignored(Sandbox place) {
    profile(place, true, "mkdir");
    place.config(config -> config.withObject("/linux/seccomp").putArray("syscalls"));
    place.args("true").run().ok();
  }

  private static void write(Sandbox place) {
    profile(place, true, "mkdir", "write");
    Command.Outcome outcome = place.args("true").run().code(1);
    outcome.says("SCMP_ACT_NOTIFY cannot be used for the write syscall");
  }

  private static void byDefault(Sandbox place) {
    profile(place, true, "mkdir");
    place.config(
        config -> config.withObject("/linux/seccomp").put("defaultAction", "SCMP_ACT_NOTIFY"));
    Command.Outcome outcome = place.args("true").run().code(1);
    outcome.says("SCMP_ACT_NOTIFY cannot be used as default action");
  }

  private static void noPath(Sandbox place) {
    profile(place, true, "mkdir");
    place.config(config -> config.withObject("/linux/seccomp").put("listenerPath", ""));
    place.args("true").run().code(1).says("listener");
  }
}
