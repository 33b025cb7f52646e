package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;

/**
 * A network for a user who may make no devices: slirp4netns(1) or pasta(1) opens a tap device in
 * the container's namespaces and speaks for it with sockets of its own. It runs as long as the
 * container has a network, and {@code delete} ends it.
 *
 * <p>Both get the namespaces as open files: the container's process is not dumpable until its
 * program runs, so that nobody but root could open them by its pid.
 */
sealed interface UserNetwork permits Pasta, Slirp {
  String PHASE = "start user network";

  /** How long a program may take until it is ready. */
  int READY_MILLIS = 10_000;

  /** Where programs find what they were given as a descriptor. */
  String HANDED = "/proc/self/fd/";

  String TAP = "/dev/net/tun";

  /**
   * Starts the program; comes back when the container has its network.
   *
   * @param network the container's network namespace
   */
  ProcessIdentity start(Descriptor network, List<PublishedPort> ports);

  /**
   * The one of this name, which must be installed and must be able to open tap devices.
   *
   * @param program {@code slirp4netns} or {@code pasta}
   * @param folderPath the container's folder
   */
  static UserNetwork of(Linux linux, String program, String folderPath) {
    boolean slirp = program.equals("slirp4netns");
    String path = new HelperProgram(linux).find(program);
    if (path == null) {
      throw Failure.of(
              Failure.Code.UNSUPPORTED,
              "no " + program + " program: --network " + program + " cannot work without it")
          .phase(PHASE)
          .path(program)
          .hint("install " + (slirp ? program : "passt") + ", or use --network none")
          .build();
    }
    requireTap(linux, program);
    return slirp ? new Slirp(linux, path, folderPath) : new Pasta(linux, path, folderPath);
  }

  private static void requireTap(Linux linux, String program) {
    int readAndWrite = 6;
    long result = linux.files().accessRaw(linux.currentDirectory(), TAP, readAndWrite);
    if (result < 0) {
      int errno = (int) -result;
      throw Failure.of(
              Failure.Code.UNSUPPORTED,
              program + " cannot open " + TAP + ": " + Errno.message(errno))
          .phase(PHASE)
          .path(TAP)
          .errno(errno)
          .hint(errno == Errno.ENOENT ? "as root: modprobe tun" : "as root: chmod 666 " + TAP)
          .build();
    }
  }

  /** The program has ended, or is not ready in time. */
  static Failure failed(String program, String said) {
    return Failure.of(
            Failure.Code.SYSTEM,
            program + " gives the container no network" + (said.isEmpty() ? "" : ": " + said))
        .phase(PHASE)
        .hint("it is the program's own word; other modes of --network do without it")
        .build();
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
