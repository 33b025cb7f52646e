package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What Docker's command line and Podman's have in common, which is nearly all. */
abstract class CommandLineEngine implements Engine {

  @Override
  public Command run(String container, List<Option> options, String... program) {
    return client(words(List.of("run", "--rm", "--name", container), options, program));
  }

  @Override
  public Command start(String container, List<Option> options, String... program) {
    return client(words(List.of("run", "-d", "--name", container), options, program));
  }

  /** Makes a container and does not start it. */
  Command create(String container, List<Option> options, String... program) {
    return client(words(List.of("create", "--name", container), options, program));
  }

  private static String[] words(List<String> first, List<Option> options, String... program) {
    List<String> words = new ArrayList<>(first);
    boolean network = false;
    for (Option option : options) {
      words.addAll(flags(option));
      network |=
          option instanceof Option.Bridge
              || option instanceof Option.HostNetwork
              || option instanceof Option.NetworkOf;
    }
    if (!network) {
      words.add("--network=none");
    }
    words.add(TestImage.NAME);
    words.addAll(Arrays.asList(program));
    return words.toArray(String[]::new);
  }

  private static List<String> flags(Option option) {
    return switch (option) {
      case Option.Memory memory ->
          List.of("--memory", memory.bytes() + "b", "--memory-swap", memory.bytes() + "b");
      case Option.Processors processors ->
          List.of("--cpus", BigDecimal.valueOf(processors.percent(), 2).toString());
      case Option.ReadOnly _ -> List.of("--read-only");
      case Option.Bind bind ->
          List.of("-v", bind.source() + ":" + bind.target() + (bind.writable() ? "" : ":ro"));
      case Option.Variable variable -> List.of("-e", variable.name() + "=" + variable.value());
      case Option.WorkingDirectory directory -> List.of("--workdir", directory.path());
      case Option.User user -> List.of("--user", user.user());
      case Option.AddCapability capability -> List.of("--cap-add", capability.name());
      case Option.DropCapability capability -> List.of("--cap-drop", capability.name());
      case Option.Seccomp seccomp -> List.of("--security-opt", "seccomp=" + seccomp.profile());
      case Option.DefaultSeccomp _, Option.Bridge _ -> List.of();
      case Option.NoNewPrivileges _ -> List.of("--security-opt", "no-new-privileges");
      case Option.Device device -> List.of("--device", device.path());
      case Option.Terminal _ -> List.of("-t");
      case Option.Input _ -> List.of("-i");
      case Option.HostNetwork _ -> List.of("--network=host");
      case Option.NetworkOf other -> List.of("--network=container:" + other.container());
      case Option.Words words -> words.words();
    };
  }

  @Override
  public Command exec(String container, List<Option> options, String... program) {
    List<String> words = new ArrayList<>(List.of("exec"));
    options.forEach(option -> words.addAll(flags(option)));
    words.add(container);
    words.addAll(Arrays.asList(program));
    return client(words.toArray(String[]::new));
  }

  @Override
  public void pause(String container) {
    client("pause", container).run().ok();
  }

  @Override
  public void resume(String container) {
    client("unpause", container).run().ok();
  }

  @Override
  public void kill(String container, String signal) {
    client("kill", "--signal", signal, container).run().ok();
  }

  /** One value of what `inspect` tells, by the engine's template. */
  String inspect(String container, String template) {
    return client("container", "inspect", "--format", template, container).run().ok().out().trim();
  }

  @Override
  public String status(String container) {
    return inspect(container, "{{.State.Status}}");
  }

  @Override
  public int pid(String container) {
    return Integer.parseInt(inspect(container, "{{.State.Pid}}"));
  }

  @Override
  public int exitCode(String container) {
    return Integer.parseInt(client("wait", container).run().ok().out().trim());
  }

  @Override
  public String memoryUse(String container) {
    return client("stats", "--no-stream", "--format", "{{.MemUsage}}", container)
        .run()
        .ok()
        .out()
        .trim();
  }

  @Override
  public void remove(String container) {
    client("rm", "--force", "--volumes", container).run();
  }

  /** A folder of its own, for configurations. */
  abstract Path folder();
}
