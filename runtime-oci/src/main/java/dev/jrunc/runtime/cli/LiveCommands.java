package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.container.Events;
import dev.jrunc.runtime.container.NamespaceProcesses;
import dev.jrunc.runtime.container.Pausing;
import dev.jrunc.runtime.container.StateView;
import dev.jrunc.runtime.container.Update;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands that watch a container that is there, or change what it may use. */
final class LiveCommands {
  private static final int LARGEST_DOCUMENT = 4 << 20;
  private static final long DEFAULT_INTERVAL = 5000;

  private final Linux linux;
  private final ContainerStore store;
  private final ParsedCommand line;
  private final List<String> environment;

  LiveCommands(Linux linux, ContainerStore store, ParsedCommand line, List<String> environment) {
    this.environment = environment;
    this.linux = linux;
    this.store = store;
    this.line = line;
  }

  void run(String command) {
    ContainerId id = ContainerId.parse(line.arguments().get(0));
    switch (command) {
      case "pause" -> new Pausing(linux, store).pause(id);
      case "resume" -> new Pausing(linux, store).resume(id);
      case "update" -> update(id);
      case "events" -> events(id);
      case "ps" -> ps(id);
      default -> throw new IllegalStateException(command);
    }
  }

  private void update(ContainerId id) {
    // A container that is not there is said before anything about the resources, as in runc.
    store.load(id);
    String file = line.value("resources");
    Resources resources =
        file == null || file.isEmpty() ? UpdateArguments.resources(line) : readResources(file);
    new Update(linux, store, new Systemd(linux, environment))
        .update(id, resources, schema("l3-cache-schema"), schema("mem-bw-schema"));
  }

  private @Nullable String schema(String flag) {
    String schema = line.value(flag);
    return schema == null || schema.isEmpty() ? null : schema;
  }

  private Resources readResources(String path) {
    SpecReading<Resources> reading = SpecReader.readResources(read(path));
    Resources resources = reading.spec();
    if (resources != null && reading.violations().isEmpty()) {
      return resources;
    }
    StringBuilder all = new StringBuilder();
    reading.violations().forEach(violation -> all.append("\n  ").append(violation));
    String name = path.equals("-") ? "standard input" : path;
    throw Failure.of(Failure.Code.INVALID_CONFIG, name + " does not hold valid resources:" + all)
        .phase("read resources")
        .path(path)
        .hint("such as {\"memory\": {\"limit\": 67108864}}")
        .build();
  }

  private byte[] read(String path) {
    if (path.equals("-")) {
      return linux.streams().readAll(new Descriptor(linux.gate(), 0), LARGEST_DOCUMENT);
    }
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return linux.streams().readAll(file, LARGEST_DOCUMENT);
    } catch (SyscallFailed e) {
      throw Failure.system("open " + path, e);
    }
  }

  private void events(ContainerId id) {
    String interval = line.value("interval");
    long millis = interval == null ? DEFAULT_INTERVAL : Durations.millis(interval, "interval");
    store.load(id);
    if (millis <= 0) {
      throw Failure.of(Failure.Code.USAGE, "duration interval must be greater than 0").build();
    }
    Events events = new Events(linux, store, new Descriptor(linux.gate(), 1));
    if (line.on("stats")) {
      events.once(id);
    } else {
      events.stream(id, millis);
    }
  }

  private void ps(ContainerId id) {
    ContainerState state = store.load(id);
    List<Integer> pids =
        state.cgroupPaths().isEmpty()
            ? new NamespaceProcesses(linux).of(state)
            : new StateView(linux, store).cgroup(state).processes().pids();
    String format = line.value("format");
    if ("json".equals(format)) {
      // As Go prints a list that nobody has made.
      print(pids.isEmpty() ? "null\n" : pids.toString().replace(" ", "") + "\n");
      return;
    }
    if (format != null && !format.equals("table")) {
      throw Failure.of(Failure.Code.USAGE, "invalid format option").hint("table or json").build();
    }
    print(
        new ProcessTable(linux, environment)
            .rows(pids, line.arguments().subList(1, line.arguments().size())));
  }

  private void print(String text) {
    linux.streams().write(new Descriptor(linux.gate(), 1), text);
  }
}
