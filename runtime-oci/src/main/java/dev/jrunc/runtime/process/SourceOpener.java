package dev.jrunc.runtime.process;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.rootfs.MountFailure;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A process with the rights of the creating one in the mount namespace of the container, which
 * opens sources there.
 *
 * <p>There and not where the creating process is: what restricts a mount of the host (read-only,
 * nosuid, what it covers) the kernel has locked in a namespace of less rights, in
 * mount_namespaces(7), and a copy of such a mount stays locked. A copy made on the host would not
 * be, and root of the user namespace could take the restrictions off.
 */
final class SourceOpener implements AutoCloseable {
  private final Linux linux;
  private final int pid;
  private final Descriptor pidfd;
  private final Channel channel;

  private SourceOpener(Linux linux, ProcessCalls.Clone clone, Channel channel) {
    this.linux = linux;
    this.pid = clone.pid();
    this.pidfd = Objects.requireNonNull(clone.pidfd());
    this.channel = channel;
  }

  /**
   * Makes the process.
   *
   * @param namespace the mount namespace
   * @param root what is to be its root directory: a mount namespace has the host's
   */
  static SourceOpener begin(
      Linux linux, MountSources sources, @Nullable Descriptor namespace, Descriptor root) {
    Channel[] ends = Channel.pair(linux);
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      Interruption.forget();
      ends[0].close();
      serve(linux, sources, Objects.requireNonNull(namespace), root, ends[1]);
      linux.processes().exit(0);
    }
    ends[1].close();
    return new SourceOpener(linux, clone, ends[0]);
  }

  private static void serve(
      Linux linux, MountSources sources, Descriptor namespace, Descriptor root, Channel channel) {
    int refused = enter(linux, namespace, root);
    while (channel.receive().message() instanceof Message.SourcePlease wanted) {
      RootfsStep.BindMount step = sources.step(wanted.pointer());
      try {
        if (refused != 0) {
          throw refused(step, refused);
        }
        try (Descriptor tree = sources.open(step)) {
          channel.send(new Message.Source(), tree);
        }
      } catch (Failure e) {
        channel.sendFailure(e);
      }
    }
  }

  private static int enter(Linux linux, Descriptor namespace, Descriptor root) {
    try {
      linux.processes().joinNamespace(namespace, CloneFlags.NEWNS);
      linux.processes().changeDirectory(root);
      linux.mounts().changeRoot(".");
      return 0;
    } catch (SyscallFailed e) {
      return e.errno();
    }
  }

  // Without root the creating process has no more rights there than the container's.
  private static Failure refused(RootfsStep.BindMount step, int errno) {
    return step.idMap() == null
        ? MountFailure.of(step, Errno.EACCES, "stat " + step.source())
        : MountFailure.of(step, errno, "cannot enter the container's mount namespace");
  }

  Descriptor open(RootfsStep.BindMount step) {
    channel.send(new Message.SourcePlease(step.pointer()));
    Channel.Received received = channel.receive();
    return switch (received.message()) {
      case Message.Source s -> Objects.requireNonNull(received.descriptor());
      case Message.Failed failed -> throw failed.failure();
      default -> throw MountFailure.of(step, Errno.EPIPE, "stat " + step.source());
    };
  }

  @Override
  public void close() {
    channel.close();
    linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
    linux.processes().waitFor(pid, 0);
    pidfd.close();
  }
}
