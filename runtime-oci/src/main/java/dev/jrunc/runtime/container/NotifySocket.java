package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a container's program tell the service manager that it is ready, see sd_notify(3). The
 * program gets a socket of ours, since the manager's own would take its word for other services; of
 * what it says only READY is handed on, with its pid as the host sees it.
 */
final class NotifySocket implements AutoCloseable {
  private static final String FOLDER = "notify";
  private static final String NAME = "notify.sock";
  private static final String INSIDE = "/run/notify";
  private static final int BARRIER_MILLIS = 30_000;

  private final Linux linux;
  private final String host;
  private @Nullable Descriptor socket;

  private NotifySocket(Linux linux, String host) {
    this.linux = linux;
    this.host = host;
  }

  /** Null where no service manager listens. */
  static @Nullable NotifySocket of(Linux linux, @Nullable String host) {
    return host == null || host.isEmpty() ? null : new NotifySocket(linux, host);
  }

  /** The config with the folder of the socket mounted and the program told of it. */
  Spec into(Spec spec, ContainerStore store, ContainerId id) {
    Process process = spec.process();
    if (process == null) {
      return spec;
    }
    String root = store.root();
    String here = root.startsWith("/") ? "" : linux.processes().currentDirectory() + "/";
    List<Mount> mounts = new ArrayList<>(spec.mounts());
    mounts.add(
        new Mount(
            INSIDE,
            "bind",
            here + root + "/" + id + "/" + FOLDER,
            List.of("bind", "nosuid", "noexec", "nodev", "ro"),
            List.of(),
            List.of()));
    List<String> environment = new ArrayList<>(process.env());
    environment.add("NOTIFY_SOCKET=" + INSIDE + "/" + NAME);
    return new Spec(
        spec.ociVersion(),
        process.withEnvironment(environment),
        spec.root(),
        spec.hostname(),
        spec.domainname(),
        mounts,
        spec.hooks(),
        spec.annotations(),
        spec.linux());
  }

  /** Makes the folder that is mounted, in the container's folder. */
  void makeFolder(Descriptor folder) {
    linux.files().mkdirRaw(folder, FOLDER, 0755);
    // Whatever the caller's mask: the program may be any user.
    linux.files().chmod(folder, FOLDER, 0755);
  }

  /** Listens; before the program runs. */
  void bind(Descriptor folder) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try (Descriptor place = linux.files().open(folder, FOLDER, flags, 0)) {
      linux.files().unlinkRaw(place, NAME, 0);
      // Through the descriptor: the path itself may be longer than a socket's name.
      socket = linux.sockets().listenDatagrams("/proc/self/fd/" + place.number() + "/" + NAME);
      linux.files().chmod(place, NAME, 0777);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot listen for the program's readiness", e);
    }
  }

  /** Forwards from a process of its own, which ends with the container. */
  void forwardAside(Descriptor pidfd, int pid) {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      try {
        forward(pidfd, pid);
      } catch (RuntimeException e) {
        linux.processes().exit(1);
      }
      linux.processes().exit(0);
    }
    Descriptor forwarder = clone.pidfd();
    if (forwarder != null) {
      forwarder.close();
    }
  }

  /** Waits until the program is ready or has ended, and tells the service manager. */
  void forward(Descriptor pidfd, int pid) {
    Descriptor from = java.util.Objects.requireNonNull(socket);
    byte[] datagram = new byte[4096];
    int[] readable = {ProcessCalls.POLL_IN, ProcessCalls.POLL_IN};
    while (true) {
      int[] happened = linux.processes().poll(List.of(from, pidfd), readable, -1);
      if (happened[0] != 0) {
        long length = linux.streams().readRaw(from, datagram);
        String text = Utf8.decode(datagram, 0, (int) Math.max(0, length));
        String ready = readyLine(text);
        if (ready != null) {
          tell(ready, pid);
          return;
        }
      } else if (happened[1] != 0) {
        return;
      }
    }
  }

  /** The line of a message that says READY, null if none does; it may be any of them. */
  static @Nullable String readyLine(String message) {
    for (int start = 0; start < message.length(); ) {
      int newline = message.indexOf('\n', start);
      int end = newline < 0 ? message.length() : newline;
      if (message.startsWith("READY=", start)) {
        return message.substring(start, end);
      }
      start = end + 1;
    }
    return null;
  }

  private void tell(String ready, int pid) {
    try (Descriptor manager = linux.sockets().connectDatagrams(host)) {
      send(manager, ready + "\n");
      send(manager, "MAINPID=" + pid + "\n");
      barrier(manager);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot tell the service manager at " + host, e);
    }
  }

  private void send(Descriptor manager, String text) {
    linux.sockets().send(manager, Utf8.encode(text), null);
  }

  // sd_notify_barrier(3): when the other end of the pipe is closed, all before it has been read.
  private void barrier(Descriptor manager) {
    Descriptor[] pipe = linux.streams().pipe();
    try (Descriptor reading = pipe[0]) {
      try (Descriptor writing = pipe[1]) {
        byte[] text = Utf8.encode("BARRIER=1");
        linux.sockets().send(manager, text, writing);
      }
      linux.processes().poll(List.of(reading), new int[] {0}, BARRIER_MILLIS);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
