package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hides paths and makes paths read-only. A path that is not there needs neither. */
final class PathRestriction {
  private final Linux linux;
  private final RootHandle root;
  private final Set<String> masked = new HashSet<>();
  private @Nullable Descriptor nullDevice;
  private @Nullable Descriptor emptyFolder;

  PathRestriction(Linux linux, RootHandle root) {
    this.linux = linux;
    this.root = root;
  }

  void readonly(RootfsStep.ReadonlyPath step) {
    try (Descriptor target = root.find(step.path())) {
      if (target == null) {
        return;
      }
      try (Descriptor tree =
          linux.mounts().cloneTree(target, "", MountCalls.RECURSIVE | FileCalls.EMPTY_PATH)) {
        linux.mounts().setAttributes(tree, MountCalls.RECURSIVE, MountAttribute.READ_ONLY, 0, 0);
        linux.mounts().attach(tree, target);
      }
    } catch (SyscallFailed e) {
      throw failed("cannot make \"" + step.path() + "\" read-only", step, step.path(), e);
    }
  }

  void mask(RootfsStep.MaskPath step) {
    if (!masked.add(step.path())) {
      return; // Named twice: one mask is enough.
    }
    try (Descriptor target = root.find(step.path())) {
      if (target == null) {
        return;
      }
      if (root.isDirectory(target)) {
        maskFolder(step, target);
      } else {
        try (Descriptor mask = linux.mounts().cloneTree(nullDevice(), "", FileCalls.EMPTY_PATH)) {
          linux.mounts().attach(mask, target);
        }
      }
    } catch (SyscallFailed e) {
      throw failed("cannot mask \"" + step.path() + "\"", step, step.path(), e);
    }
  }

  // One empty read-only tmpfs for all folders: the first is attached, the others are its clones.
  private void maskFolder(RootfsStep.MaskPath step, Descriptor target) {
    if (emptyFolder == null) {
      try (Descriptor context = linux.mounts().openFileSystem("tmpfs")) {
        linux.mounts().setStringRaw(context, "source", "tmpfs");
        linux.mounts().setStringRaw(context, "nr_inodes", "1");
        linux.mounts().setStringRaw(context, "mode", "755");
        if (step.label() != null && !step.label().isEmpty()) {
          linux.mounts().setStringRaw(context, "context", step.label());
        }
        if (linux.mounts().createRaw(context) < 0) {
          throw new SyscallFailed(
              SystemCall.FSCONFIG, linux.mounts().contextLog(context), Errno.EINVAL);
        }
        emptyFolder = linux.mounts().mountFileSystem(context, MountAttribute.READ_ONLY);
      }
      linux.mounts().attach(emptyFolder, target);
      return;
    }
    try (Descriptor clone = linux.mounts().cloneTree(emptyFolder, "", FileCalls.EMPTY_PATH)) {
      linux.mounts().attach(clone, target);
    }
  }

  private Descriptor nullDevice() {
    if (nullDevice == null) {
      nullDevice = NullDevice.open(linux, root);
    }
    return nullDevice;
  }

  private static Failure failed(String what, Step step, String path, SyscallFailed cause) {
    return Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(cause.errno()))
        .phase("restrict path")
        .pointer(step.pointer())
        .path(path)
        .errno(cause.errno())
        .because(cause);
  }
}
