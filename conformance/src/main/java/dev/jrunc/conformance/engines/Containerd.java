package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** containerd through ctr, its runc shim told which runtime to call. */
final class Containerd implements Engine {
  private static final Pattern EXIT_CODE = Pattern.compile("exit code (\\d+)");

  private final Path folder;
  private final Path runtime;
  private final AtomicInteger execs = new AtomicInteger();
  private Daemon daemon;

  private Containerd(Path folder, Path runtime) {
    this.folder = folder;
    this.runtime = runtime;
    this.daemon = startDaemon();
  }

  static Containerd start(Path runtime) throws IOException {
    Path folder = Folders.make("containerd");
    Files.writeString(
        folder.resolve("config.toml"),
        """
        version = 2
        root = "%1$s/root"
        state = "%1$s/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
        address = "%1$s/socket"
        [ttrpc]
        address = "%1$s/ttrpc"
        [plugins."io.containerd.internal.v1.opt"]
        path = "%1$s/opt"
        """
            .formatted(folder));
    Containerd containerd = new Containerd(folder, runtime);
    Path image = TestImage.write(folder.resolve("image.tar"));
    containerd.client("image", "import", image.toString()).run().ok();
    return containerd;
  }

  private Daemon startDaemon() {
    return Daemon.start(
        folder.resolve("log"),
        List.of("/usr/bin/containerd", "--config", folder + "/config.toml"),
        () -> client("version").run().code() == 0);
  }

  /** The daemon dies without a word, and a new one takes its place. */
  void crash() {
    daemon.crash();
    daemon = startDaemon();
  }

  @Override
  public String name() {
    String version = Command.of("/usr/bin/containerd", "--version").run().ok().out().trim();
    return "containerd " + version.split(" ")[2];
  }

  @Override
  public Command client(String... words) {
    List<String> all = new ArrayList<>(List.of("/usr/bin/ctr", "--address", folder + "/socket"));
    all.addAll(List.of(words));
    return Command.of(all);
  }

  @Override
  public Command run(String container, List<Option> options, String... program) {
    return runWords("--rm", container, options, program);
  }

  @Override
  public Command start(String container, List<Option> options, String... program) {
    return runWords("--detach", container, options, program);
  }

  private Command runWords(String mode, String container, List<Option> options, String... program) {
    List<String> words = new ArrayList<>(List.of("run", mode));
    words.addAll(runtimeWords());
    options.forEach(option -> words.addAll(flags(option)));
    words.addAll(List.of(TestImage.NAME, container));
    words.addAll(Arrays.asList(program));
    return client(words.toArray(String[]::new));
  }

  /** Which shim and which runtime. */
  List<String> runtimeWords() {
    return List.of("--runtime", "io.containerd.runc.v2", "--runc-binary", runtime.toString());
  }

  private List<String> flags(Option option) {
    return switch (option) {
      case Option.Memory memory -> List.of("--memory-limit", String.valueOf(memory.bytes()));
      case Option.Processors processors ->
          List.of("--cpu-period", "100000", "--cpu-quota", processors.percent() + "000");
      case Option.ReadOnly _ -> List.of("--read-only");
      case Option.Bind bind ->
          List.of(
              "--mount",
              "type=bind,src="
                  + bind.source()
                  + ",dst="
                  + bind.target()
                  + ",options=rbind:"
                  + (bind.writable() ? "rw" : "ro"));
      case Option.Variable variable -> List.of("--env", variable.name() + "=" + variable.value());
      case Option.WorkingDirectory directory -> List.of("--cwd", directory.path());
      case Option.User user -> List.of("--user", user.user());
      case Option.AddCapability capability -> List.of("--cap-add", capability.name());
      case Option.DropCapability capability -> List.of("--cap-drop", capability.name());
      case Option.Seccomp seccomp ->
          List.of("--seccomp", "--seccomp-profile", seccomp.profile().toString());
      case Option.DefaultSeccomp _ -> List.of("--seccomp");
      case Option.Device device -> List.of("--device", device.path());
      case Option.Terminal _ -> List.of("--tty");
      // As it is without a word.
      case Option.Input _, Option.NoNewPrivileges _, Option.Bridge _ -> List.of();
      case Option.HostNetwork _ -> List.of("--net-host");
      case Option.NetworkOf other ->
          List.of("--with-ns", "network:/proc/" + pid(other.container()) + "/ns/net");
      case Option.Words words -> words.words();
    };
  }

  @Override
  public Command exec(String container, List<Option> options, String... program) {
    List<String> words = new ArrayList<>(List.of("task", "exec"));
    words.addAll(List.of("--exec-id", "exec" + execs.incrementAndGet()));
    options.forEach(option -> words.addAll(flags(option)));
    words.add(container);
    words.addAll(Arrays.asList(program));
    return client(words.toArray(String[]::new));
  }

  @Override
  public void pause(String container) {
    client("task", "pause", container).run().ok();
  }

  @Override
  public void resume(String container) {
    client("task", "resume", container).run().ok();
  }

  @Override
  public void kill(String container, String signal) {
    client("task", "kill", "--signal", signal, container).run().ok();
  }

  // NAME PID STATUS
  private List<String> task(String container) {
    return client("task", "list")
        .run()
        .ok()
        .out()
        .lines()
        .map(line -> List.of(line.trim().split("\\s+")))
        .filter(words -> words.getFirst().equals(container))
        .findFirst()
        .orElse(List.of(container, "0", "GONE"));
  }

  @Override
  public String status(String container) {
    return task(container).get(2).toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public int pid(String container) {
    return Integer.parseInt(task(container).get(1));
  }

  @Override
  public int exitCode(String container) {
    try {
      Waiting.untilStatus(this, container, "stopped");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    Command.Outcome deleted = client("task", "delete", container).run().ok();
    Matcher code = EXIT_CODE.matcher(deleted.all());
    return code.find() ? Integer.parseInt(code.group(1)) : 0;
  }

  @Override
  public List<Integer> processes(String container) {
    return client("task", "ps", container)
        .run()
        .ok()
        .out()
        .lines()
        .skip(1)
        .map(line -> Integer.valueOf(line.trim().split("\\s+")[0]))
        .toList();
  }

  @Override
  public String memoryUse(String container) {
    String metrics = client("task", "metrics", container).run().ok().out();
    Matcher use = Pattern.compile("memory.usage_in_bytes\\s+(\\d+)").matcher(metrics);
    Expect.that(use.find(), "no memory.usage_in_bytes in\n" + metrics);
    return use.group(1);
  }

  @Override
  public void remove(String container) {
    client("task", "delete", "--force", container).run();
    client("container", "delete", container).run();
  }

  Path folder() {
    return folder;
  }

  @Override
  public Path runtimeState() {
    return Path.of("/run/containerd/runc/default");
  }

  @Override
  public String parentGroup() {
    return "default";
  }

  @Override
  public String groupPrefix() {
    return "";
  }

  @Override
  public void close() {
    daemon.close();
    Folders.remove(folder);
  }
}
