package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.rootfs.BindSources;
import dev.jrunc.runtime.rootfs.MountFailure;
import java.util.Objects;

/**
 * Opens sources in the container's process, as it comes to each: what was mounted for the container
 * before is then there. What it may not do it asks the creating process for.
 */
public final class ContainerSources implements BindSources {
  private final Linux linux;
  private final MountSources sources;
  private final Channel channel;
  private boolean placeKnown;

  public ContainerSources(Linux linux, MountSources sources, Channel channel) {
    this.linux = linux;
    this.sources = sources;
    this.channel = channel;
  }

  @Override
  public Descriptor open(RootfsStep.BindMount step) {
    if (!sources.foreignUsers()) {
      return sources.open(step);
    }
    if (step.idMap() != null) {
      return ask(step);
    }
    long cloned = sources.openRaw(step);
    if (cloned == -Errno.EACCES) {
      return ask(step);
    }
    if (cloned < 0) {
      throw MountFailure.of(step, (int) -cloned, "stat " + step.source());
    }
    return new Descriptor(linux.gate(), (int) cloned);
  }

  private Descriptor ask(RootfsStep.BindMount step) {
    if (!placeKnown) {
      try (Descriptor namespace = file("/proc/thread-self/ns/mnt", OpenFlags.RDONLY)) {
        channel.send(new Message.MountsHere(), namespace);
      }
      placeKnown = true;
    }
    try (Descriptor root = file("/", OpenFlags.PATH | OpenFlags.DIRECTORY)) {
      channel.send(new Message.SourcePlease(step.pointer()), root);
    }
    Channel.Received received = channel.receive();
    return switch (received.message()) {
      case Message.Source s -> Objects.requireNonNull(received.descriptor());
      default -> throw MountFailure.of(step, Errno.EPIPE, "stat " + step.source());
    };
  }

  private Descriptor file(String path, int flags) {
    return linux.files().open(linux.currentDirectory(), path, flags, 0);
  }
}
