package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.container.Activation;
import dev.jrunc.runtime.container.CreateRequest;
import dev.jrunc.runtime.container.Deletion;
import dev.jrunc.runtime.container.Exec;
import dev.jrunc.runtime.container.Run;
import dev.jrunc.runtime.container.Signalling;
import dev.jrunc.runtime.container.Start;
import dev.jrunc.runtime.container.StateView;
import dev.jrunc.runtime.doctor.Doctor;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.Attachment;
import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.network.NetworkRequest;
import dev.jrunc.runtime.network.cni.CniConfig;
import dev.jrunc.runtime.network.cni.CniNetwork;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.process.Environment;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.systemd.Systemd;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import dev.jrunc.spec.SpecWriter;
import dev.jrunc.spec.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what a parsed command line asks for; each method is one command. */
final class Commands {
  private static final int LARGEST_DOCUMENT = 16 << 20;

  private final Linux linux;
  private final ContainerStore store;
  private final ParsedCommand line;
  private final List<String> environment;

  Commands(Linux linux, ContainerStore store, ParsedCommand line, List<String> environment) {
    this.environment = environment;
    this.linux = linux;
    this.store = store;
    this.line = line;
  }

  /** The exit code. */
  int run(String command) {
    switch (command) {
      case "create" -> new Run(linux, store).create(createRequest(true));
      case "run" -> {
        Run.Afterwards afterwards = line.on("keep") ? Run.Afterwards.KEEP : Run.Afterwards.DELETE;
        return new Run(linux, store).run(createRequest(line.on("detach")), afterwards);
      }
      case "start" ->
          new Start(linux, store, systemd())
              .start(id(), Environment.value(environment, "NOTIFY_SOCKET"));
      case "exec" -> {
        return exec();
      }
      case "state" -> state();
      case "kill" -> kill();
      case "delete" -> delete();
      case "list" -> list();
      case "events", "pause", "ps", "resume", "update" ->
          new LiveCommands(linux, store, line, environment).run(command);
      case "doctor" -> {
        Doctor doctor = new Doctor(linux, environment, store.root());
        return told(Telling.diagnosis(doctor.diagnose(), form()));
      }
      case "features" -> {
        return told(telling().features());
      }
      case "plan" -> {
        return told(telling().plan(bundleArgument(), network(), form()));
      }
      case "validate" -> {
        return told(telling().validate(bundleArgument(), form()));
      }
      case "spec" -> spec();
      case "network" -> new NetworkCommand(linux, store, line, cniPlaces()).run();
      default -> throw new IllegalStateException(command);
    }
    return 0;
  }

  private ContainerId id() {
    return ContainerId.parse(line.arguments().get(0));
  }

  private CreateRequest createRequest(boolean detached) {
    String given = line.value("bundle");
    String bundle = absolute(given == null ? "" : given);
    Activation activation = Activation.of(environment, linux.processes().pid());
    int preserved = Numbers.small(line.value("preserve-fds"), 0, "preserve-fds");
    PlanOptions options =
        new PlanOptions(
            id().text(),
            bundle,
            line.on("no-pivot") ? PlanOptions.Root.MOVE : PlanOptions.Root.PIVOT,
            line.on("no-new-keyring") ? PlanOptions.Keyring.CALLERS : PlanOptions.Keyring.NEW,
            String.valueOf(line.command() == null ? "" : line.command().name()).equals("create")
                ? PlanOptions.Gate.WAIT
                : PlanOptions.Gate.GO_ON,
            activation.count() + preserved,
            driver(),
            network());
    return new CreateRequest(
        id(),
        bundle,
        line.value("pid-file"),
        line.value("console-socket"),
        line.value("pidfd-socket"),
        activation,
        Environment.value(environment, "NOTIFY_SOCKET"),
        systemd(),
        cniPlaces(),
        detached,
        options);
  }

  private PlanOptions.Driver driver() {
    return line.globalOn("systemd-cgroup")
        ? PlanOptions.Driver.SYSTEMD
        : PlanOptions.Driver.CGROUPFS;
  }

  private Systemd systemd() {
    return new Systemd(linux, environment);
  }

  private NetworkRequest network() {
    return NetworkRequest.parse(
            line.value("network"), line.values("publish"), line.values("subnet"))
        .with(
            Attachment.parse(
                line.values("ip"),
                line.value("mac-address"),
                line.values("network-alias"),
                line.value("ingress-rate"),
                line.value("egress-rate")));
  }

  private ContainerNetwork.CniPlaces cniPlaces() {
    String folder = Environment.value(environment, "CNI_CONF_DIR");
    String plugins = Environment.value(environment, "CNI_PATH");
    return new ContainerNetwork.CniPlaces(
        folder == null || folder.isEmpty() ? CniConfig.DEFAULT_FOLDER : folder,
        plugins == null || plugins.isEmpty() ? CniNetwork.DEFAULT_PATH : plugins);
  }

  private String absolute(String path) {
    if (path.startsWith("/")) {
      return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
    String here = linux.processes().currentDirectory();
    return path.isEmpty() || path.equals(".") ? here : (here.equals("/") ? "" : here) + "/" + path;
  }

  private int exec() {
    ContainerId id = id();
    Exec exec = new Exec(linux, store, systemd());
    Exec.Target target = exec.find(id);
    String file = line.value("process");
    if (file != null && !file.isEmpty()) {
      return exec.exec(ExecArguments.whole(line, id, readProcess(file)), target);
    }
    if (line.arguments().size() < 2) {
      throw Failure.of(Failure.Code.USAGE, "exec args cannot be empty")
          .hint("jrunc exec CONTAINER COMMAND, or --process FILE")
          .build();
    }
    return exec.exec(ExecArguments.merged(line, id, exec.bundlesProcess(target)), target);
  }

  private Process readProcess(String path) {
    SpecReading<Process> reading = SpecReader.readProcess(read(path));
    Process process = reading.spec();
    if (process == null || !reading.violations().isEmpty()) {
      StringBuilder all = new StringBuilder();
      for (Violation violation : reading.violations()) {
        all.append("\n  ").append(violation);
      }
      throw Failure.of(Failure.Code.INVALID_CONFIG, path + " is not a valid process:" + all)
          .path(path)
          .build();
    }
    return process;
  }

  private byte[] read(String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return linux.streams().readAll(file, LARGEST_DOCUMENT);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read " + path, e);
    }
  }

  private void state() {
    StateView view = new StateView(linux, store);
    byte[] state = SpecWriter.state(new Listing(linux, view).described(store.load(id())), "  ");
    print(Utf8.decode(state) + "\n");
  }

  private void list() {
    if (line.global("root") != null) {
      // Named by hand: a misspelt folder is no empty one.
      store.requireRoot();
    }
    List<ContainerState> containers = store.list();
    Listing listing = new Listing(linux, new StateView(linux, store));
    if (line.on("quiet")) {
      print(Listing.ids(containers));
      return;
    }
    String format = line.value("format");
    switch (format == null ? "table" : format) {
      case "table" -> print(listing.table(containers));
      case "json" -> print(listing.json(containers) + "\n");
      default -> throw invalidFormat();
    }
  }

  private static Failure invalidFormat() {
    return Failure.of(Failure.Code.USAGE, "invalid format option").hint("table or json").build();
  }

  private void kill() {
    String word = line.arguments().size() > 1 ? line.arguments().get(1) : "TERM";
    int signal = SignalName.number(word);
    Signalling signalling = new Signalling(linux, store);
    if (line.on("all")) {
      signalling.signalAll(id(), signal);
    } else {
      signalling.signal(id(), signal);
    }
  }

  private void delete() {
    Deletion deletion = new Deletion(linux, store, systemd());
    if (line.on("force")) {
      deletion.force(id());
    } else {
      deletion.delete(id());
    }
  }

  private Telling telling() {
    return new Telling(linux, SeccompKnowledge.linked(linux), driver());
  }

  // The bundle may be left out, as for create.
  private String bundleArgument() {
    return absolute(line.arguments().isEmpty() ? "" : line.arguments().get(0));
  }

  private Telling.Form form() {
    return line.on("json") ? Telling.Form.MACHINES : Telling.Form.PEOPLE;
  }

  private int told(Telling.Told told) {
    print(told.text());
    return told.code();
  }

  private void spec() {
    String given = line.value("bundle");
    String path = absolute(given == null ? "" : given) + "/config.json";
    boolean version2 = unifiedCgroups();
    long uid = linux.credentials().effectiveUid() & 0xffffffffL;
    long gid = linux.credentials().gid() & 0xffffffffL;
    Spec spec =
        line.on("rootless")
            ? DefaultSpec.rootless(uid, gid, version2)
            : DefaultSpec.forRoot(version2);
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL;
    long file = linux.files().openRaw(linux.currentDirectory(), path, flags, 0666);
    if (file == -Errno.EEXIST) {
      throw Failure.of(Failure.Code.ALREADY_EXISTS, "file config.json exists. Remove it first")
          .path(path)
          .errno(Errno.EEXIST)
          .build();
    }
    if (file < 0) {
      throw Failure.of(
              Failure.Code.SYSTEM, "cannot write " + path + ": " + Errno.message((int) -file))
          .path(path)
          .errno((int) -file)
          .build();
    }
    try (Descriptor opened = new Descriptor(linux.gate(), (int) file)) {
      linux.streams().write(opened, SpecWriter.config(spec, "\t"));
      linux.streams().write(opened, "\n");
    }
  }

  private boolean unifiedCgroups() {
    try (Descriptor root =
        linux.files().open(linux.currentDirectory(), "/sys/fs/cgroup", OpenFlags.PATH, 0)) {
      return linux.files().fileSystem(root).type() == FileSystemStatus.CGROUP2_MAGIC;
    } catch (SyscallFailed e) {
      return false;
    }
  }

  private void print(@Nullable String text) {
    linux.streams().write(new Descriptor(linux.gate(), 1), String.valueOf(text));
  }
}
