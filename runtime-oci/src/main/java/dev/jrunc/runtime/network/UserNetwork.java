package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network for a user who may make no devices: slirp4netns(1) or pasta(1) opens a tap device in
 * the container's namespaces and speaks for it with sockets of its own. It runs as long as the
 * container has a network, and {@code delete} ends it.
 */
final class UserNetwork {
  /** What slirp4netns gives its end of the wire. */
  static final String SLIRP_ADDRESS = "10.0.2.100";

  static final String SLIRP_RESOLVER = "nameserver 10.0.2.3\n";

  private static final int READY_MILLIS = 10_000;
  private static final int READY_SECONDS = 10;
  private static final int READY_FD = 3;
  private static final String LOG = "network.log";
  private static final String PID_FILE = "pasta.pid";
  private static final String SOCKET = "slirp.sock";

  private final Linux linux;
  private final String program;
  private final String folderPath;

  /**
   * @param program {@code slirp4netns} or {@code pasta}
   * @param folderPath the container's folder
   */
  UserNetwork(Linux linux, String program, String folderPath) {
    this.linux = linux;
    this.program = program;
    this.folderPath = folderPath;
  }

  private boolean isSlirp() {
    return program.equals("slirp4netns");
  }

  /** The path of the program, which must be installed. */
  String require() {
    String path = new HelperProgram(linux).find(program);
    if (path == null) {
      throw NetworkFailure.of(
          Failure.Code.UNSUPPORTED,
          "no " + program + " program",
          "install " + (isSlirp() ? program : "passt"));
    }
    return path;
  }

  /** Starts it for a process; comes back when the container has its network. */
  ProcessIdentity start(int pid, List<PublishedPort> ports) {
    return isSlirp() ? startSlirp(pid, ports) : startPasta(pid, ports);
  }

  // pasta goes into the background by itself, when all is set.
  private ProcessIdentity startPasta(int pid, List<PublishedPort> ports) {
    String path = require();
    List<String> words = new ArrayList<>();
    words.addAll(List.of(path, "--config-net", "--quiet"));
    words.addAll(List.of("--ns-ifname", NetworkPlanner.DEVICE));
    words.addAll(List.of("--pid", folderPath + "/" + PID_FILE));
    words.addAll(forwards(ports, PublishedPort.Protocol.TCP, "-t"));
    words.addAll(forwards(ports, PublishedPort.Protocol.UDP, "-u"));
    // What listens on the host's loopback is not for the container.
    words.addAll(List.of("-T", "none", "-U", "none", "--no-map-gw"));
    if (linux.credentials().effectiveUid() == 0) {
      // As root it would become nobody; as itself it gives up the right to look into processes that
      // are not dumpable, as the container's is until its program runs, but opens a file.
      NamespacePin pin = new NamespacePin(linux, folderPath);
      pin.set(pid);
      words.addAll(List.of("--runas", "0:0", "--netns-only", "--netns", pin.path()));
    } else {
      words.add(Integer.toString(pid));
    }
    HelperProgram.Outcome outcome =
        new HelperProgram(linux).run(path, words, environment(), "", READY_SECONDS);
    ProcessIdentity identity = outcome.went() ? written() : null;
    if (identity == null) {
      throw failed(outcome.errors().isEmpty() ? outcome.how() : outcome.errors());
    }
    return identity;
  }

  private @Nullable ProcessIdentity written() {
    try (Descriptor file =
        linux
            .files()
            .open(linux.currentDirectory(), folderPath + "/" + PID_FILE, OpenFlags.RDONLY, 0)) {
      String text = Utf8.decode(linux.streams().readAll(file, 64)).trim();
      return ProcessIdentity.of(linux, Integer.parseInt(text));
    } catch (SyscallFailed | NumberFormatException e) {
      return null;
    }
  }

  private static List<String> forwards(
      List<PublishedPort> ports, PublishedPort.Protocol protocol, String flag) {
    List<String> words = new ArrayList<>();
    for (PublishedPort port : ports) {
      if (port.protocol() == protocol) {
        String at = port.address() == null ? "" : port.address() + "/";
        words.add(flag);
        words.add(at + port.hostPort() + ":" + port.containerPort());
      }
    }
    return words.isEmpty() ? List.of(flag, "none") : words;
  }

  private static List<String> environment() {
    return List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  }

  private ProcessIdentity startSlirp(int pid, List<PublishedPort> ports) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(require(), "--configure", "--mtu=65520", "--disable-host-loopback"));
    words.add("--ready-fd=" + READY_FD);
    if (!ports.isEmpty()) {
      words.add("--api-socket=" + folderPath + "/" + SOCKET);
    }
    words.addAll(List.of(Integer.toString(pid), NetworkPlanner.DEVICE));
    int flags = OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    String log = folderPath + "/" + LOG;
    try (Descriptor output = linux.files().open(linux.currentDirectory(), log, flags, 0600)) {
      ProcessIdentity identity = begin(words, output);
      forward(identity, ports);
      return identity;
    }
  }

  private ProcessIdentity begin(List<String> words, Descriptor log) {
    Descriptor[] ready = linux.streams().pipe();
    try (Descriptor reading = ready[0]) {
      ProcessCalls.Clone clone = beginWith(words, log, ready[1]);
      try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
        ProcessIdentity identity = ProcessIdentity.of(linux, clone.pid());
        if (identity == null || !awaitReady(pidfd, reading)) {
          linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
          linux.processes().waitFor(clone.pid(), 0);
          throw failed(said(log));
        }
        return identity;
      }
    }
  }

  private ProcessCalls.Clone beginWith(List<String> words, Descriptor log, Descriptor ready) {
    try (ready) {
      ProcessCalls.Clone clone = linux.processes().clone(0, null);
      if (clone.inChild()) {
        execute(words, log, ready);
      }
      return clone;
    }
  }

  private String said(Descriptor log) {
    linux.streams().seek(log, 0, 0);
    byte[] said = new byte[4096];
    int length = Math.max(0, (int) linux.streams().readRaw(log, said));
    return Utf8.decode(said, 0, length).trim();
  }

  private Failure failed(String said) {
    return Failure.of(
            Failure.Code.SYSTEM,
            program + " gives the container no network" + (said.isEmpty() ? "" : ": " + said))
        .phase("start user network")
        .hint("it needs /dev/net/tun, and rights over the container's network namespace")
        .build();
  }

  // It writes a byte when all is set.
  private boolean awaitReady(Descriptor pidfd, Descriptor ready) {
    int[] events = {ProcessCalls.POLL_IN, ProcessCalls.POLL_IN};
    int[] happened = linux.processes().poll(List.of(ready, pidfd), events, READY_MILLIS);
    byte[] one = new byte[1];
    return (happened[0] & ProcessCalls.POLL_IN) != 0 && linux.streams().readRaw(ready, one) == 1;
  }

  private void execute(List<String> words, Descriptor log, Descriptor ready) {
    linux.processes().blockSignals(0);
    linux.processes().newSessionRaw();
    linux.processes().changeDirectoryRaw("/");
    Descriptor nothing =
        linux.files().open(linux.currentDirectory(), "/dev/null", OpenFlags.RDWR, 0);
    Descriptor signal = linux.streams().duplicate(ready, 10);
    Descriptor output = linux.streams().duplicate(log, 10);
    linux.streams().duplicateOnto(nothing, 0);
    linux.streams().duplicateOnto(output, 1);
    linux.streams().duplicateOnto(output, 2);
    linux.streams().duplicateOnto(signal, READY_FD);
    linux.streams().closeOnExecFrom(READY_FD + 1);
    linux.processes().executeRaw(linux.currentDirectory(), words.get(0), words, environment(), 0);
    linux.processes().exit(127);
  }

  // slirp4netns(1), "API SOCKET": one request a connection.
  private void forward(ProcessIdentity identity, List<PublishedPort> ports) {
    for (PublishedPort port : ports) {
      String at = port.address() == null ? "0.0.0.0" : port.address().toString();
      String request =
          "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\""
              + port.protocol().word()
              + "\",\"host_addr\":\""
              + at
              + "\",\"host_port\":"
              + port.hostPort()
              + ",\"guest_addr\":\""
              + SLIRP_ADDRESS
              + "\",\"guest_port\":"
              + port.containerPort()
              + "}}";
      String answer = ask(request);
      if (!answer.contains("\"return\"")) {
        end(linux, identity);
        throw HostPorts.taken(port, "slirp4netns says " + answer.trim(), "");
      }
    }
  }

  private String ask(String request) {
    try (Descriptor socket = linux.sockets().connectLocal(folderPath + "/" + SOCKET)) {
      linux.streams().write(socket, request);
      return Utf8.decode(linux.streams().readAll(socket, 65536));
    } catch (SyscallFailed e) {
      return e.getMessage() + "";
    }
  }

  /** Ends the program of a container, if it runs. */
  static void end(Linux linux, ProcessIdentity identity) {
    try (Descriptor process = identity.open(linux)) {
      if (process != null) {
        linux.processes().signalRaw(process, ProcessCalls.SIGTERM);
        int[] readable = {ProcessCalls.POLL_IN};
        int[] ended = linux.processes().poll(List.of(process), readable, 2000);
        if (ended[0] == 0) {
          linux.processes().signalRaw(process, ProcessCalls.SIGKILL);
        }
        // Ours to reap if this command has started it.
        linux.processes().waitFor(identity.pid(), ProcessCalls.NO_HANG);
      }
    }
  }
}
