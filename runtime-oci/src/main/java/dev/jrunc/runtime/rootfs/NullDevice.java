package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;

/**
 * The container's /dev/null. CVE-2025-31133: the image decides what lies there, so only what proves
 * to be the real device is used.
 */
final class NullDevice {
  private NullDevice() {}

  /** A handle on it. */
  static Descriptor open(Linux linux, RootHandle root) {
    return open(linux, root, OpenFlags.PATH);
  }

  /** Open for reading and writing. */
  static Descriptor openStream(Linux linux, RootHandle root) {
    return open(linux, root, OpenFlags.RDWR | OpenFlags.NOCTTY | OpenFlags.NONBLOCK);
  }

  static boolean is(FileStatus status) {
    return status.is(FileMode.CHARACTER_DEVICE)
        && status.device().major() == 1
        && status.device().minor() == 3;
  }

  private static Descriptor open(Linux linux, RootHandle root, int flags) {
    Descriptor device;
    try (Descriptor dev = root.directory("/dev")) {
      device = linux.files().open(dev, "null", flags | OpenFlags.NOFOLLOW, 0);
    } catch (SyscallFailed e) {
      throw failed("cannot open /dev/null of the container: " + Errno.message(e.errno()));
    }
    if (!is(linux.files().status(device))) {
      device.close();
      throw failed("/dev/null of the container is not the null device");
    }
    return device;
  }

  private static Failure failed(String message) {
    return Failure.of(Failure.Code.SYSTEM, message)
        .phase("null device")
        .path("/dev/null")
        .hint("mount a tmpfs on /dev, then the runtime makes the device itself")
        .build();
  }
}
