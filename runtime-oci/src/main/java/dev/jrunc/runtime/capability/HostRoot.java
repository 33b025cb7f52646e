package dev.jrunc.runtime.capability;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.Utf8;

/** Whether this process is root of the host, and not of a user namespace only. */
public final class HostRoot {
  private static final String MAP = "/proc/self/uid_map";
  private static final String ALL_IDS = " 4294967295";

  private HostRoot() {}

  /**
   * As user_namespaces(7) has it: the first namespace maps all ids there are. Root of another one
   * owns neither /run nor the cgroups, nor may it give rules for devices.
   */
  public static boolean is(Linux linux) {
    return linux.credentials().effectiveUid() == 0 && mapsAll(linux);
  }

  private static boolean mapsAll(Linux linux) {
    long opened = linux.files().openRaw(linux.currentDirectory(), MAP, OpenFlags.RDONLY, 0);
    if (opened < 0) {
      // Without user namespaces in the kernel there is no such file.
      return true;
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      byte[] content = new byte[64];
      int length = (int) Math.max(0, linux.streams().readRaw(file, content));
      return Utf8.decode(content, 0, length).trim().endsWith(ALL_IDS);
    }
  }
}
