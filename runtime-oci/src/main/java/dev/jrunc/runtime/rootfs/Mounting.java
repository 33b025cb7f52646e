package dev.jrunc.runtime.rootfs;

import static java.util.Objects.requireNonNull;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes mounts detached, gives them their attributes while nobody can see them, and attaches them
 * to a target that was resolved once.
 */
final class Mounting {
  private final Linux linux;
  private final RootHandle root;
  private final Map<String, Descriptor> sources;

  /**
   * @param sources detached mounts for the bind mounts whose source this process could not open, by
   *     the pointer of the step
   */
  Mounting(Linux linux, RootHandle root, Map<String, Descriptor> sources) {
    this.linux = linux;
    this.root = root;
    this.sources = sources;
  }

  void fileSystem(RootfsStep.MountFileSystem step) {
    try {
      boolean kept = step.type().equals("tmpfs") && !mustBePlain(step.destination(), step.type());
      Descriptor covered = kept ? root.find(step.destination()) : null;
      try (Descriptor target =
          covered != null ? covered : directory(step, step.destination(), step.type())) {
        MountOptions options = step.options();
        if (covered != null && options.value("mode") == null) {
          // A tmpfs is 1777 by itself; what it hides has its mode for a reason.
          int mode = linux.files().status(covered).mode() & 07777;
          options = options.plusData("mode=" + Integer.toOctalString(mode));
        }
        fileSystem(step, options, target);
      }
    } catch (SyscallFailed e) {
      throw MountFailure.of(step, e.errno(), e.subject());
    }
  }

  private void fileSystem(
      RootfsStep.MountFileSystem step, MountOptions options, Descriptor target) {
    try (Descriptor mount = new FileSystems(linux).make(step, options)) {
      if (options.copyUp()) {
        TreeCopy.copy(linux, target, mount);
      }
      attach(step, mount, target, step.destination());
    }
  }

  void bind(RootfsStep.BindMount step) {
    Descriptor opened = opened(step);
    Descriptor own = opened != null && step.idMap() != null ? null : cloned(step, opened != null);
    try (Descriptor mount = own == null ? requireNonNull(opened) : own) {
      FileStatus status = linux.files().status(mount);
      if (step.destination().equals("/proc")) {
        checkProcfs(step, mount);
      }
      if (own == null) {
        Attributes.applyToForeign(linux, step, mount);
      } else {
        Attributes.applyToBind(linux, step, mount, step.options());
      }
      try (Descriptor target =
          status.is(FileMode.DIRECTORY)
              ? directory(step, step.destination(), "bind")
              : root.file(step.destination())) {
        attach(step, mount, target, step.destination());
      }
    } catch (SyscallFailed e) {
      throw MountFailure.of(step, e.errno(), e.subject());
    }
  }

  private @Nullable Descriptor opened(RootfsStep.BindMount step) {
    // TeaVM's empty Map.of() divides by its size when asked.
    return sources.isEmpty() ? null : sources.get(step.pointer());
  }

  // Taken here where it can be: it then has what is mounted for this container already, and in a
  // user namespace what restricts the host's mount stays locked.
  private @Nullable Descriptor cloned(RootfsStep.BindMount step, boolean elsewhere) {
    int flags = Attributes.depth(step.options().bind());
    long cloned = linux.mounts().cloneTreeRaw(linux.currentDirectory(), step.source(), flags);
    if (cloned == -Errno.EACCES && elsewhere) {
      return null;
    }
    if (cloned < 0) {
      throw MountFailure.of(step, (int) -cloned, "stat " + step.source());
    }
    return new Descriptor(linux.gate(), (int) cloned);
  }

  // CVE-2023-27561: a link in place of /proc or /sys would put the real one elsewhere.
  private static boolean mustBePlain(String path, String type) {
    return type.equals("proc")
        || type.equals("sysfs")
        || path.equals("/proc")
        || path.equals("/sys");
  }

  private Descriptor directory(RootfsStep step, String path, String type) {
    if (!mustBePlain(path, type)) {
      return root.directory(path);
    }
    try {
      return root.plainDirectory(path);
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.ELOOP || e.errno() == Errno.ENOTDIR) {
        String reason = "filesystem \"" + type + "\" must be mounted on ordinary directory";
        throw MountFailure.of(step, e.errno(), reason);
      }
      throw e;
    }
  }

  private void checkProcfs(RootfsStep step, Descriptor mount) {
    if (linux.files().fileSystem(mount).type() != FileSystemStatus.PROC_MAGIC) {
      throw MountFailure.of(
          step, Errno.EINVAL, "\"/proc\" cannot be mounted because it is not of type proc");
    }
  }

  // CVE-2019-16884: the config was checked by the names it has; where a link of the image leads is
  // only known now. A mount inside /proc could pose as the files that security settings go to.
  private void attach(RootfsStep step, Descriptor mount, Descriptor target, String destination) {
    boolean named = destination.equals("/proc") || destination.startsWith("/proc/");
    if (!named && linux.files().fileSystem(target).type() == FileSystemStatus.PROC_MAGIC) {
      throw MountFailure.of(
          step,
          Errno.EINVAL,
          "\"" + destination + "\" cannot be mounted because it is inside /proc");
    }
    long result = linux.mounts().attachRaw(mount, target);
    if (result < 0) {
      // For a file onto a directory the kernel says EINVAL; engines look for the words of ENOTDIR.
      boolean mismatch = root.isDirectory(mount) != root.isDirectory(target);
      throw MountFailure.of(step, mismatch ? Errno.ENOTDIR : (int) -result, "");
    }
    if (destination.equals("/")) {
      root.become(mount);
    }
  }
}
