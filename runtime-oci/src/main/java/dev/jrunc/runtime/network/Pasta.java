package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.kernel.WaitStatus;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** pasta(1): the container has the addresses and routes of the host. */
final class Pasta implements UserNetwork {
  private static final String PROGRAM = "pasta";

  /** Its name in the container's folder; the whole path is a word of the program. */
  static final String PID_FILE = "pasta.pid";

  private final Linux linux;
  private final String path;
  private final String folderPath;

  Pasta(Linux linux, String path, String folderPath) {
    this.linux = linux;
    this.path = path;
    this.folderPath = folderPath;
  }

  // It goes into the background by itself, when all is set.
  @Override
  public ProcessIdentity start(Descriptor network, List<PublishedPort> ports) {
    ProgramStart program = new ProgramStart(linux, folderPath);
    try (NamespaceHandles namespaces = NamespaceHandles.of(linux, network);
        Descriptor log = program.log()) {
      // As standard input and output, which are the only descriptors that it leaves open.
      ProcessCalls.Clone clone =
          program.start(words(namespaces, ports), network, namespaces.users(), log);
      String how = end(clone);
      ProcessIdentity identity = how.isEmpty() ? written() : null;
      if (identity == null) {
        String said = program.said(log);
        throw failed(said.isEmpty() ? how : said, ports);
      }
      return identity;
    }
  }

  private List<String> words(NamespaceHandles namespaces, List<PublishedPort> ports) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(path, "--config-net", "--quiet"));
    words.addAll(List.of("--ns-ifname", NetworkPlanner.DEVICE));
    words.addAll(List.of("--pid", folderPath + "/" + PID_FILE));
    words.addAll(forwards(ports, PublishedPort.Protocol.TCP, "-t"));
    words.addAll(forwards(ports, PublishedPort.Protocol.UDP, "-u"));
    // What listens on the host's loopback is not for the container.
    words.addAll(List.of("-T", "none", "-U", "none", "--no-map-gw"));
    words.addAll(List.of("--netns", HANDED + 0, "--no-netns-quit"));
    if (linux.credentials().effectiveUid() == 0) {
      // As root it would become nobody, who has no right to the namespaces.
      words.addAll(List.of("--runas", "0:0", "--netns-only"));
    } else if (namespaces.users() == null) {
      words.add("--netns-only");
    } else {
      words.addAll(List.of("--userns", HANDED + 1));
    }
    return words;
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

  // Empty if it went well.
  private String end(ProcessCalls.Clone clone) {
    try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
      int[] readable = {ProcessCalls.POLL_IN};
      int[] ended;
      try {
        ended = Interruption.poll(linux, List.of(pidfd), readable, READY_MILLIS);
      } catch (Failure interrupted) {
        linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
        linux.processes().waitFor(clone.pid(), 0);
        endWritten();
        throw interrupted;
      }
      if (ended[0] == 0) {
        linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
      }
      WaitStatus status = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0));
      if (ended[0] == 0) {
        return "it is not ready after " + READY_MILLIS / 1000 + " s";
      }
      if (status.signal() != 0) {
        return "it was ended by signal " + status.signal();
      }
      return status.exitCode() == 0 ? "" : "exit status " + status.exitCode();
    }
  }

  // It may have gone into the background just before.
  private void endWritten() {
    ProcessIdentity background = written();
    if (background != null) {
      UserNetwork.end(linux, background);
    }
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

  private static Failure failed(String said, List<PublishedPort> ports) {
    for (PublishedPort port : ports) {
      if (said.contains("bind port " + port.hostPort() + " ")) {
        return HostPorts.taken(port, PROGRAM + " says: " + said, "");
      }
    }
    return UserNetwork.failed(PROGRAM, said);
  }
}
