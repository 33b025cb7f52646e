package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;
import org.jspecify.annotations.Nullable;

/** Makes a new file system, as a detached mount. */
final class FileSystems {
  private final Linux linux;

  FileSystems(Linux linux) {
    this.linux = linux;
  }

  Descriptor make(RootfsStep.MountFileSystem step, MountOptions options) {
    try (Descriptor context = open(step)) {
      if (!step.source().isEmpty()) {
        configure(step, context, "source", step.source());
      }
      if (options.readOnly() && step.source().startsWith("/")) {
        // On a device: not even the kernel is to write there, as it does to replay a journal.
        configure(step, context, "ro", null);
      }
      for (String option : options.superBlock()) {
        configure(step, context, option, null);
      }
      for (String option : options.data()) {
        int equals = option.indexOf('=');
        if (option.startsWith("context=") && !hasSelinux()) {
          // As everywhere: where there is no SELinux, its labels are no-ops. "validate" says so.
          continue;
        }
        if (equals < 0) {
          configure(step, context, option, null);
        } else {
          configure(step, context, option.substring(0, equals), option.substring(equals + 1));
        }
      }
      long created = linux.mounts().createRaw(context);
      if (created < 0) {
        throw MountFailure.of(step, (int) -created, linux.mounts().contextLog(context));
      }
      return mount(context, options);
    }
  }

  private Descriptor mount(Descriptor context, MountOptions options) {
    Descriptor mount = linux.mounts().mountFileSystem(context, options.set());
    if (options.propagation() != 0) {
      linux.mounts().setAttributes(mount, 0, 0, 0, options.propagation());
    }
    return mount;
  }

  private boolean hasSelinux() {
    String sign = "/sys/fs/selinux/enforce";
    return linux.files().statusOrNull(linux.currentDirectory(), sign, 0) != null;
  }

  private Descriptor open(RootfsStep.MountFileSystem step) {
    try {
      return linux.mounts().openFileSystem(step.type());
    } catch (SyscallFailed e) {
      throw MountFailure.of(step, e.errno(), "file system type \"" + step.type() + "\"");
    }
  }

  private void configure(
      RootfsStep.MountFileSystem step, Descriptor context, String key, @Nullable String value) {
    long result =
        value == null
            ? linux.mounts().setFlagRaw(context, key)
            : linux.mounts().setStringRaw(context, key, value);
    if (result < 0) {
      String log = linux.mounts().contextLog(context);
      String option = value == null ? key : key + "=" + value;
      // fsconfig(2): a value has at most 255 bytes.
      String reason = log.isEmpty() && option.length() > 255 ? "too long" : log;
      throw MountFailure.of(
          step,
          (int) -result,
          "option \"" + option + "\"" + (reason.isEmpty() ? "" : ": " + reason));
    }
  }
}
