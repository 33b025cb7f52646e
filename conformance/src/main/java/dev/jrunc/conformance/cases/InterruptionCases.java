package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A command that is ended from outside while it makes a container, and one nobody listens to. */
final class InterruptionCases {
  private static final String OURS = "a runtime may end by a signal and leave what it made";
  // Both processes have the file among their words, by which they are found.
  private static final String WAITING = "touch %1$s; sh -c 'sleep 31; true' %1$s; true";
  private static final Map<String, Integer> CODES = Map.of("HUP", 129, "INT", 130, "TERM", 143);

  private InterruptionCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a signal during a hook unmakes all", "ours", InterruptionCases::duringHook),
        Case.of("a signal during a hook inside unmakes all", "ours", InterruptionCases::inside),
        Case.of("a signal during poststart ends the program", "ours", InterruptionCases::poststart),
        Case.of("a signal during a CNI plugin unmakes all", "ours", InterruptionCases::plugin),
        Case.of(
            "a signal the caller ignores interrupts nothing", "nohup", InterruptionCases::nohup),
        Case.of("a signal while exec sets up ends it", "ours", InterruptionCases::executing),
        Case.of("a signal while nobody takes the console", "ours", InterruptionCases::console),
        Case.of("a message nobody reads stops nothing", "SIGPIPE", InterruptionCases::unread),
        Case.of("a list nobody reads ends quietly", "SIGPIPE", InterruptionCases::unreadList),
        Case.of("a terminal that fails takes the program along", "ours", InterruptionCases::relay));
  }

  private static void hook(ObjectNode config, String kind, String script) {
    ObjectNode hook = config.withObject("/hooks").withArray("/" + kind).addObject();
    hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add(script);
  }

  /** Starts the command, sends the signal once {@code mark} is there, and gives the exit code. */
  private static int interrupted(Sandbox place, Path mark, String signal, List<String> words)
      throws Exception {
    Files.deleteIfExists(mark);
    Process process = Command.of(words).in(place.bundle()).intoFile(said(place)).start();
    try {
      LifecycleCases.await(() -> Files.exists(mark), "it did not come to where it waits");
      Command.of("kill", "-s", signal, Long.toString(process.pid())).run().ok();
      that(process.waitFor(20, TimeUnit.SECONDS), "it did not end after " + signal);
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path mark(Sandbox place) {
    return place.folder().resolve("mark");
  }

  private static Path said(Sandbox place) {
    return place.folder().resolve("said");
  }

  private static void unmade(Sandbox place, String id, String how) throws Exception {
    String left = place.leftovers(List.of(id));
    that(left.isEmpty(), how + " left behind: " + left);
    Command.Outcome processes = Command.of("pgrep", "-f", mark(place).toString()).run();
    equal("", processes.out(), how + " left processes");
    String said = Files.readString(said(place));
    that(said.contains("interrupted by signal"), how + " says " + said);
  }

  private static void eachWay(Sandbox place, Path mark, Path after) throws Exception {
    for (List<String> words : List.of(List.of("create"), List.of("run"), List.of("run", "-d"))) {
      for (String signal : CODES.keySet()) {
        String id = place.container();
        List<String> all = new ArrayList<>(words);
        all.add(id);
        Files.writeString(after, "");
        String how = String.join(" ", all) + " and " + signal;
        int code = interrupted(place, mark, signal, place.runtimeWords(all.toArray(String[]::new)));
        equal(CODES.get(signal), code, "the exit code of " + how);
        unmade(place, id, how);
        equal("stop\n", Files.readString(after), "poststop hooks of " + how);
      }
    }
  }

  private static void duringHook(Sandbox place) throws Exception {
    duringHook(place, "createRuntime");
  }

  private static void inside(Sandbox place) throws Exception {
    duringHook(place, "createContainer");
  }

  private static void duringHook(Sandbox place, String kind) throws Exception {
    assume(!place.isRunc(), OURS);
    Path mark = mark(place);
    Path after = place.folder().resolve("after");
    place
        .args("sleep", "100")
        .config(config -> {
          hook(config, kind, WAITING.formatted(mark));
          hook(config, "poststop", "echo stop >> " + after);
        });
    eachWay(place, mark, after);
  }

  private static void poststart(Sandbox place) throws Exception {
    assume(!place.isRunc(), OURS);
    Path mark = mark(place);
    place.args("sleep", "100").config(config -> hook(config, "poststart", WAITING.formatted(mark)));
    for (List<String> words : List.of(List.of("run"), List.of("run", "-d"))) {
      String id = place.container();
      List<String> all = new ArrayList<>(words);
      all.add(id);
      int code = interrupted(place, mark, "TERM", place.runtimeWords(all.toArray(String[]::new)));
      equal(143, code, "the exit code");
      unmade(place, id, String.join(" ", all));
    }
  }

  private static void plugin(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc makes no networks");
    Path mark = mark(place);
    Path folder = Files.createDirectories(place.folder().resolve("cni"));
    Path log = place.folder().resolve("commands");
    Path script = folder.resolve("slow");
    Files.writeString(
        script,
        "#!/bin/sh\necho $CNI_COMMAND >> "
            + log
            + "\n[ $CNI_COMMAND != ADD ] || { "
            + WAITING.formatted(mark)
            + "; }\n");
    script.toFile().setExecutable(true);
    Files.writeString(
        folder.resolve("slow.conflist"),
        "{\"cniVersion\":\"1.0.0\",\"name\":\"slow\",\"plugins\":[{\"type\":\"slow\"}]}");
    String id = place.args("sleep", "100").container();
    List<String> words = new ArrayList<>(List.of("env", "CNI_PATH=" + folder));
    words.add("CNI_CONF_DIR=" + folder);
    words.addAll(place.runtimeWords("create", "--network", "cni:slow", id));
    equal(143, interrupted(place, mark, "TERM", words), "the exit code");
    unmade(place, id, "create with a slow plugin");
    equal("ADD\nDEL\n", Files.readString(log), "what the plugin was asked for");
  }

  // A socket whose queue is full lets nobody connect until somebody accepts.
  private static void console(Sandbox place) throws Exception {
    assume(!place.isRunc(), OURS);
    place.config(config -> config.withObject("/process").put("terminal", true));
    Path path = place.folder().resolve("full.sock");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    List<SocketChannel> fillers = new ArrayList<>();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address, 1);
      for (int i = 0; i < 10 && fill(address, fillers); i++) {
        that(i < 9, "the queue of the socket is never full");
      }
      String id = place.args("sleep", "100").container();
      Process process =
          Command.of(place.runtimeWords("create", "--console-socket", path.toString(), id))
              .in(place.bundle())
              .intoFile(said(place))
              .start();
      that(!process.waitFor(700, TimeUnit.MILLISECONDS), "it does not wait");
      Command.of("kill", "-s", "TERM", Long.toString(process.pid())).run().ok();
      that(process.waitFor(20, TimeUnit.SECONDS), "it did not end");
      equal(143, process.exitValue(), "the exit code");
      unmade(place, id, "create without a console");
    } finally {
      for (SocketChannel filler : fillers) {
        filler.close();
      }
    }
  }

  private static boolean fill(UnixDomainSocketAddress address, List<SocketChannel> fillers)
      throws IOException {
    SocketChannel filler = SocketChannel.open(StandardProtocolFamily.UNIX);
    fillers.add(filler);
    filler.configureBlocking(false);
    try {
      return filler.connect(address);
    } catch (IOException full) {
      return false;
    }
  }

  private static void nohup(Sandbox place) throws Exception {
    assume(!place.isRunc(), OURS);
    Path mark = mark(place);
    place
        .args("sleep", "100")
        .config(config -> hook(config, "createRuntime", "touch " + mark + "; sleep 1"));
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"));
    words.addAll(place.runtimeWords("create", id));
    equal(0, interrupted(place, mark, "HUP", words), "the exit code");
    place.runtime("state", id).run().ok().says("created");
  }

  // A tracer holds the new process back, for which exec waits.
  private static void executing(Sandbox place) throws Exception {
    assume(!place.isRunc(), OURS);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    assume(Files.exists(Path.of("/usr/bin/strace")), "strace(1) is not there");
    String pid = NamespaceCases.pid(place, id);
    for (List<String> words : List.of(List.<String>of(), List.of("-d"))) {
      List<String> all = new ArrayList<>(List.of("exec"));
      all.addAll(words);
      all.addAll(List.of(id, "sleep", "31.4159"));
      List<String> traced =
          new ArrayList<>(
              List.of("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=setns", "-e"));
      traced.add("inject=setns:delay_enter=3000000");
      traced.addAll(place.runtimeWords(all.toArray(String[]::new)));
      Process process = Command.of(traced).in(place.bundle()).intoFile(said(place)).start();
      LifecycleCases.await(() -> command(process) != null, "exec made no process");
      long command = Objects.requireNonNull(command(process)).pid();
      Command.of("kill", "-s", "TERM", Long.toString(command)).run().ok();
      that(process.waitFor(20, TimeUnit.SECONDS), "exec did not end");
      equal(143, process.exitValue(), "the exit code of exec " + words);
      String said = Files.readString(said(place));
      that(said.contains("interrupted by signal TERM"), said);
    }
    equal("[" + pid + "]", place.runtime("ps", "-f", "json", id).run().ok().out().strip(), "ps");
  }

  // The one that strace has started, once it has a child.
  private static @Nullable ProcessHandle command(Process strace) {
    return strace.children().filter(each -> each.children().count() > 0).findFirst().orElse(null);
  }

  private static void unread(Sandbox place) {
    // Every runtime warns of this; the reader of its words has gone before.
    place.args("sleep", "100").config(config -> Sandbox.mount(config, "tmp", "tmpfs", "tmpfs"));
    String id = place.container();
    List<String> words = new ArrayList<>(List.of("sh", "-c"));
    words.add("exec 3>&1; { sleep 0.3; \"$@\" 2>&1 >/dev/null 3>&-; echo $? >&3; } | true");
    words.add("sh");
    words.addAll(place.runtimeWords("create", id));
    Command.Outcome outcome = Command.of(words).in(place.bundle()).run();
    assume(!place.isRunc() || outcome.out().contains("0"), "Go ends a program that writes there");
    equal("0\n", outcome.out(), "the exit code of create");
    place.runtime("state", id).run().ok().says("created");
  }

  private static void unreadList(Sandbox place) {
    List<String> words = new ArrayList<>(List.of("sh", "-c"));
    words.add("{ sleep 0.3; \"$@\"; } | true");
    words.add("sh");
    LifecycleCases.created(place.args("sleep", "100"));
    words.addAll(place.runtimeWords("list"));
    equal("", Command.of(words).in(place.bundle()).run().ok().all(), "what it says");
  }

  private static void relay(Sandbox place) throws Exception {
    assume(!place.isRunc(), OURS);
    assume(Files.exists(Path.of("/usr/bin/strace")), "strace(1) is not there");
    place.config(config -> config.withObject("/process").put("terminal", true));
    String id = place.args("sleep", "31.4159").container();
    List<String> words = new ArrayList<>(List.of("strace", "-qq", "-o", "/dev/null", "-e"));
    // The first that sets the mode of the caller's terminal, once the program runs.
    words.add("inject=ioctl:error=EIO:when=4");
    words.addAll(place.runtimeWords("run", id));
    Command.Outcome outcome = Command.of(words).in(place.bundle()).inTerminal().run();
    outcome.code(1).says("cannot stay beside the container, which was ended and deleted");
    equal("", place.leftovers(List.of(id)), "what is left");
    place.runtime("state", id).run().code(1);
  }
}
