package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;

/**
 * Makes mounts detached, gives them their attributes while nobody can see them, and attaches them
 * to a target that was resolved once.
 */
final class Mounting {
  private final Linux linux;
  private final RootHandle root;
  private final BindSources sources;

  Mounting(Linux linux, RootHandle root, BindSources sources) {
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
    try (Descriptor mount = new FileSystems(linux).make(step, options, target)) {
      if (options.copyUp()) {
        TreeCopy.copy(linux, target, mount);
      }
      attach(step, mount, target, step.destination());
    }
  }

  void bind(RootfsStep.BindMount step) {
    try (Descriptor mount = sources.open(step)) {
      FileStatus status = linux.files().status(mount);
      if (step.destination().equals("/proc")) {
        checkProcfs(step, mount);
      }
      Attributes.applyToBind(linux, step, mount, step.options());
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
