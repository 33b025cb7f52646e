package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;

/**
 * Makes a file system by the old mount(2), which takes all options as one string of up to a page:
 * fsconfig(2) has no value above 255 bytes, and the lower folders of an overlay soon are longer.
 */
final class MonolithicMount {
  /** The longest value of fsconfig(2), in bytes. */
  static final int LONGEST_VALUE = 255;

  private static final String PLACE = "m";
  private static final int DETACH = 2;
  private static final long READ_ONLY = 1;

  private final Linux linux;

  MonolithicMount(Linux linux) {
    this.linux = linux;
  }

  /**
   * The mount, detached. mount(2) attaches what it makes, so this needs a place: a tmpfs that
   * covers {@code target} meanwhile, since the target itself is reached by its handle alone, under
   * which no mount can be seen.
   *
   * @param data one option for the file system each
   */
  Descriptor make(
      RootfsStep.MountFileSystem step,
      MountOptions options,
      Iterable<String> data,
      Descriptor target) {
    try (Descriptor scratch = scratch()) {
      linux.files().mkdir(scratch, PLACE, 0700);
      linux.mounts().attach(scratch, target);
      try {
        String source = step.source().isEmpty() ? "none" : step.source();
        long flags = options.readOnly() && source.startsWith("/") ? READ_ONLY : 0;
        for (String option : options.superBlock()) {
          flags |= flag(option);
        }
        String place = scratch.procPath() + "/" + PLACE;
        String all = String.join(",", data);
        long result = linux.mounts().mountRaw(source, place, step.type(), flags, all);
        if (result < 0) {
          throw MountFailure.of(step, (int) -result, "options \"" + all + "\"");
        }
        return linux.mounts().cloneTree(scratch, PLACE, 0);
      } finally {
        linux.mounts().unmountRaw(scratch.procPath(), DETACH);
      }
    }
  }

  private Descriptor scratch() {
    try (Descriptor context = linux.mounts().openFileSystem("tmpfs")) {
      long created = linux.mounts().createRaw(context);
      if (created < 0) {
        throw new SyscallFailed(SystemCall.FSCONFIG, "tmpfs", (int) -created);
      }
      return linux.mounts().mountFileSystem(context, 0);
    }
  }

  // mount(2), "Additional mount flags"; the others of MountOptions.superBlock are the default.
  private static long flag(String option) {
    return switch (option) {
      case "sync" -> 1L << 4;
      case "mand" -> 1L << 6;
      case "dirsync" -> 1L << 7;
      case "lazytime" -> 1L << 25;
      default -> 0;
    };
  }
}
