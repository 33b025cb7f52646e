package dev.jrunc.runtime.network;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.netlink.NetlinkSocket;

/** A network namespace by a handle, which keeps it alive. */
public final class NetworkNamespace implements AutoCloseable {
  // Of this thread: on the JVM, where tests run, the others are elsewhere.
  private static final String OWN = "/proc/thread-self/ns/net";

  private final Linux linux;
  private final Descriptor file;

  private NetworkNamespace(Linux linux, Descriptor file) {
    this.linux = linux;
    this.file = file;
  }

  /** That of this process. */
  public static NetworkNamespace own(Linux linux) {
    return open(linux, OWN);
  }

  /** That of a process. */
  public static NetworkNamespace of(Linux linux, int pid) {
    return open(linux, "/proc/" + pid + "/ns/net");
  }

  public static NetworkNamespace open(Linux linux, String path) {
    return new NetworkNamespace(
        linux, linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0));
  }

  /** A new one that no process is in; this process stays where it is. */
  public static NetworkNamespace create(Linux linux) {
    try (NetworkNamespace ours = open(linux, OWN)) {
      linux.processes().unshare(CloneFlags.NEWNET);
      NetworkNamespace made = open(linux, OWN);
      linux.processes().joinNamespace(ours.file, CloneFlags.NEWNET);
      return made;
    }
  }

  public Descriptor file() {
    return file;
  }

  /**
   * A line to the kernel in this namespace. A socket belongs for ever to the namespace it was made
   * in, so this process goes there for that one call. It has but one thread.
   */
  public NetlinkSocket netlink(int protocol) {
    try (NetworkNamespace ours = open(linux, OWN)) {
      linux.processes().joinNamespace(file, CloneFlags.NEWNET);
      try {
        return NetlinkSocket.open(linux, protocol);
      } finally {
        linux.processes().joinNamespace(ours.file, CloneFlags.NEWNET);
      }
    }
  }

  /** Does something in this namespace, by this process. */
  void run(Runnable action) {
    try (NetworkNamespace ours = own(linux)) {
      linux.processes().joinNamespace(file, CloneFlags.NEWNET);
      try {
        action.run();
      } finally {
        linux.processes().joinNamespace(ours.file, CloneFlags.NEWNET);
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
