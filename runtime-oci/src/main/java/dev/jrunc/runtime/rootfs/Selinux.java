package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Linux;

/** SELinux of this host. */
public final class Selinux {
  private Selinux() {}

  /** Whether it is on: labels mean something. */
  public static boolean isOn(Linux linux) {
    String sign = "/sys/fs/selinux/enforce";
    return linux.files().statusOrNull(linux.currentDirectory(), sign, 0) != null;
  }
}
