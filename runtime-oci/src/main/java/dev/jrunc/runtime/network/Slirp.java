package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** slirp4netns(1): the container has an address of a network that only its program knows. */
final class Slirp implements UserNetwork {
  /** What it gives its end of the wire. */
  static final String ADDRESS = "10.0.2.100";

  static final String RESOLVER = "nameserver 10.0.2.3\n";

  private static final String PROGRAM = "slirp4netns";
  private static final String SOCKET = "slirp.sock";

  // What is handed to it, and under which number.
  private static final int READY = 3;
  private static final int NETWORK = 4;
  private static final int FOLDER = 5;
  private static final int USERS = 6;

  private final Linux linux;
  private final String path;
  private final String folderPath;

  Slirp(Linux linux, String path, String folderPath) {
    this.linux = linux;
    this.path = path;
    this.folderPath = folderPath;
  }

  @Override
  public ProcessIdentity start(Descriptor network, List<PublishedPort> ports) {
    ProgramStart program = new ProgramStart(linux, folderPath);
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    try (NamespaceHandles namespaces = NamespaceHandles.of(linux, network);
        Descriptor folder = linux.files().open(linux.currentDirectory(), folderPath, flags, 0);
        Descriptor log = program.log()) {
      ProcessIdentity identity =
          begin(program, words(namespaces, !ports.isEmpty()), namespaces, folder, log);
      forward(identity, ports, folder);
      return identity;
    }
  }

  private List<String> words(NamespaceHandles namespaces, boolean publishes) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(path, "--configure", "--mtu=65520", "--disable-host-loopback"));
    words.add("--ready-fd=" + READY);
    if (publishes) {
      // By a handle: the name of a socket may have 107 letters, and this folder's may have more.
      words.add("--api-socket=" + HANDED + FOLDER + "/" + SOCKET);
    }
    words.add("--netns-type=path");
    if (namespaces.users() != null) {
      words.add("--userns-path=" + HANDED + USERS);
    }
    words.addAll(List.of(HANDED + NETWORK, NetworkPlanner.DEVICE));
    return words;
  }

  private ProcessIdentity begin(
      ProgramStart program,
      List<String> words,
      NamespaceHandles namespaces,
      Descriptor folder,
      Descriptor log) {
    Descriptor[] ready = linux.streams().pipe();
    try (Descriptor reading = ready[0]) {
      ProcessCalls.Clone clone;
      try (Descriptor writing = ready[1]) {
        clone =
            program.start(
                words, null, log, log, writing, namespaces.network(), folder, namespaces.users());
      }
      try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
        ProcessIdentity identity = ProcessIdentity.of(linux, clone.pid());
        boolean began;
        try {
          began = identity != null && awaitReady(pidfd, reading);
        } catch (Failure interrupted) {
          kill(clone.pid(), pidfd);
          throw interrupted;
        }
        if (identity == null || !began) {
          kill(clone.pid(), pidfd);
          throw UserNetwork.failed(PROGRAM, program.said(log));
        }
        return identity;
      }
    }
  }

  private void kill(int pid, Descriptor pidfd) {
    linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
    linux.processes().waitFor(pid, 0);
  }

  // It writes a byte when all is set.
  private boolean awaitReady(Descriptor pidfd, Descriptor ready) {
    int[] events = {ProcessCalls.POLL_IN, ProcessCalls.POLL_IN};
    int[] happened = Interruption.poll(linux, List.of(ready, pidfd), events, READY_MILLIS);
    byte[] one = new byte[1];
    return (happened[0] & ProcessCalls.POLL_IN) != 0 && linux.streams().readRaw(ready, one) == 1;
  }

  // slirp4netns(1), "API SOCKET": one request a connection.
  private void forward(ProcessIdentity identity, List<PublishedPort> ports, Descriptor folder) {
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
              + ADDRESS
              + "\",\"guest_port\":"
              + port.containerPort()
              + "}}";
      String answer = ask(request, folder);
      if (!answer.contains("\"return\"")) {
        UserNetwork.end(linux, identity);
        throw HostPorts.taken(port, PROGRAM + " says " + answer.trim(), "");
      }
    }
  }

  private String ask(String request, Descriptor folder) {
    String name = HANDED + folder.number() + "/" + SOCKET;
    try (Descriptor socket = linux.sockets().connectLocal(name)) {
      linux.streams().write(socket, request);
      return Utf8.decode(linux.streams().readAll(socket, 65536));
    } catch (SyscallFailed e) {
      return e.getMessage() + "";
    }
  }
}
