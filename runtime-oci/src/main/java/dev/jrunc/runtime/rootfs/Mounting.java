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
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes mounts detached, gives them their attributes while nobody can see them, and attaches them
 * to a target that was resolved once.
 */
final class Mounting {
  private final Linux linux;
  private final RootHandle root;

  Mounting(Linux linux, RootHandle root) {
    this.linux = linux;
    this.root = root;
  }

  void fileSystem(RootfsStep.MountFileSystem step) {
    if (step.options().copyUp()) {
      throw failed(step, Errno.EOPNOTSUPP, "tmpcopyup is not supported yet");
    }
    try (Descriptor target = target(step)) {
      List<String> data = new ArrayList<>(step.options().data());
      if (step.type().equals("tmpfs") && step.options().value("mode") == null) {
        // A tmpfs is 1777 by itself; what it hides was there for a reason.
        int mode = linux.files().status(target).mode() & 07777;
        data.add("mode=" + Integer.toOctalString(mode));
      }
      try (Descriptor mount = make(step, data)) {
        attach(step, mount, target);
      }
    }
  }

  // CVE-2023-27561: a link in place of /proc or /sys would put the real one elsewhere.
  private Descriptor target(RootfsStep.MountFileSystem step) {
    boolean strict = step.type().equals("proc") || step.type().equals("sysfs");
    try {
      if (strict) {
        Descriptor plain = root.findWithoutLinks(step.destination());
        if (plain != null && root.isDirectory(plain)) {
          return plain;
        }
        if (plain != null) {
          plain.close();
          throw failed(step, Errno.ENOTDIR, "must be mounted on ordinary directory");
        }
      }
      return root.directory(step.destination(), 0755);
    } catch (SyscallFailed e) {
      if (strict && e.errno() == Errno.ELOOP) {
        throw failed(step, Errno.ELOOP, "must be mounted on ordinary directory");
      }
      throw failed(step, e.errno(), "");
    }
  }

  private Descriptor make(RootfsStep.MountFileSystem step, List<String> data) {
    try (Descriptor context = open(step)) {
      if (!step.source().isEmpty()) {
        configure(step, context, "source", step.source());
      }
      for (String option : data) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          configure(step, context, option, null);
        } else {
          configure(step, context, option.substring(0, equals), option.substring(equals + 1));
        }
      }
      long created = linux.mounts().createRaw(context);
      if (created < 0) {
        throw failed(step, (int) -created, linux.mounts().contextLog(context));
      }
      // A tmpfs that is to be read-only becomes so at the end: its content is still to be made.
      long later = step.type().equals("tmpfs") ? MountAttribute.READ_ONLY : 0;
      Descriptor mount = linux.mounts().mountFileSystem(context, step.options().set() & ~later);
      propagate(mount, step.options());
      return mount;
    } catch (SyscallFailed e) {
      throw failed(step, e.errno(), "");
    }
  }

  private Descriptor open(RootfsStep.MountFileSystem step) {
    try {
      return linux.mounts().openFileSystem(step.type());
    } catch (SyscallFailed e) {
      throw failed(step, e.errno(), "file system type \"" + step.type() + "\"");
    }
  }

  private void configure(
      RootfsStep.MountFileSystem step,
      Descriptor context,
      String key,
      @org.jspecify.annotations.Nullable String value) {
    long result =
        value == null
            ? linux.mounts().setFlagRaw(context, key)
            : linux.mounts().setStringRaw(context, key, value);
    if (result < 0) {
      String log = linux.mounts().contextLog(context);
      String option = value == null ? key : key + "=" + value;
      throw failed(
          step, (int) -result, "option \"" + option + "\"" + (log.isEmpty() ? "" : ": " + log));
    }
  }

  void bind(RootfsStep.BindMount step) {
    MountOptions options = step.options();
    boolean tree = options.bind() == MountOptions.Depth.TREE;
    if (!options.data().isEmpty()) {
      throw failed(
          step, Errno.EINVAL, "bind mounts cannot have any filesystem-specific options applied");
    }
    long cloned =
        linux
            .mounts()
            .cloneTreeRaw(linux.currentDirectory(), step.source(), tree ? MountCalls.RECURSIVE : 0);
    if (cloned < 0) {
      throw failed(
          step,
          (int) -cloned,
          cloned == -Errno.ENOENT ? "stat " + step.source() : "source " + step.source());
    }
    try (Descriptor mount = new Descriptor(linux.gate(), (int) cloned)) {
      attributes(mount, options);
      propagate(mount, options);
      try (Descriptor target =
          root.isDirectory(mount)
              ? root.directory(step.destination(), 0755)
              : root.file(step.destination())) {
        attach(step, mount, target);
      }
    } catch (SyscallFailed e) {
      throw failed(step, e.errno(), "");
    }
  }

  private void attributes(Descriptor mount, MountOptions options) {
    if (options.set() != 0 || options.clear() != 0) {
      change(mount, 0, options.set(), options.clear());
    }
    if (options.recursiveSet() != 0 || options.recursiveClear() != 0) {
      change(mount, MountCalls.RECURSIVE, options.recursiveSet(), options.recursiveClear());
    }
  }

  // In a user namespace attributes of the host's mounts are locked and cannot be cleared; what can
  // be set is then still set.
  private void change(Descriptor mount, int flags, long set, long clear) {
    int empty = FileCalls.EMPTY_PATH;
    long result = linux.mounts().setAttributesRaw(mount, "", flags | empty, set, clear, 0, -1);
    if (result == -Errno.EPERM && set != 0) {
      result =
          linux
              .mounts()
              .setAttributesRaw(
                  mount, "", flags | empty, set & ~MountAttribute.ATIME_MASK, 0, 0, -1);
    } else if (result == -Errno.EPERM) {
      return;
    }
    if (result < 0) {
      throw new SyscallFailed(SystemCall.MOUNT_SETATTR, "mount attributes", (int) -result);
    }
  }

  private void propagate(Descriptor mount, MountOptions options) {
    boolean none = options.propagation() == 0;
    long type = none ? MountAttribute.PRIVATE : options.propagation();
    boolean deep =
        none ? options.bind() == MountOptions.Depth.TREE : options.recursivePropagation();
    linux.mounts().setAttributes(mount, deep ? MountCalls.RECURSIVE : 0, 0, 0, type);
  }

  private void attach(RootfsStep step, Descriptor mount, Descriptor target) {
    long result = linux.mounts().attachRaw(mount, target);
    if (result < 0) {
      throw failed(step, (int) -result, "");
    }
  }

  static Failure failed(RootfsStep step, int errno, String detail) {
    String source = "";
    String destination = "";
    String hint = "";
    switch (step) {
      case RootfsStep.MountFileSystem s -> {
        source = s.source().isEmpty() ? s.type() : s.source();
        destination = s.destination();
        hint =
            errno == Errno.ENODEV
                ? "this kernel has no file system \"" + s.type() + "\""
                : errno == Errno.EPERM
                    ? "a user namespace may only mount what it sees unmasked on the host"
                    : "";
      }
      case RootfsStep.BindMount s -> {
        source = s.source();
        destination = s.destination();
        hint = errno == Errno.ENOENT ? "make the source, or take the mount out" : "";
      }
      case RootfsStep.MountCgroup s -> {
        source = "cgroup";
        destination = s.destination();
      }
      default -> destination = step.toString();
    }
    return Failure.of(
            Failure.Code.SYSTEM,
            "error mounting \""
                + source
                + "\" to rootfs at \""
                + destination
                + "\": "
                + (detail.isEmpty() ? "" : detail + ": ")
                + Errno.message(errno))
        .phase("mount")
        .pointer(step.pointer())
        .path(destination)
        .errno(errno)
        .hint(hint)
        .build();
  }
}
