package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.support.Support;
import dev.jrunc.spec.Process;
import org.jspecify.annotations.Nullable;

/** Profiles and labels of security modules: what cannot be kept is refused, never left out. */
public final class SecurityLabels {
  private SecurityLabels() {}

  public static void require(Linux linux, @Nullable Process process) {
    if (process == null) {
      return;
    }
    if (given(process.apparmorProfile())) {
      refuse(
          linux,
          "/sys/module/apparmor/parameters/enabled",
          "unable to apply apparmor profile: apparmor is not enabled",
          Support.APPARMOR,
          "/process/apparmorProfile");
    }
    if (given(process.selinuxLabel())) {
      refuse(
          linux,
          "/sys/fs/selinux/enforce",
          "selinux label is specified in config, but selinux is disabled or not supported",
          Support.SELINUX,
          "/process/selinuxLabel");
    }
  }

  private static boolean given(@Nullable String label) {
    return label != null && !label.isEmpty();
  }

  private static void refuse(
      Linux linux, String sign, String message, boolean supported, String pointer) {
    boolean there = linux.files().statusOrNull(linux.currentDirectory(), sign, 0) != null;
    if (there && supported) {
      return;
    }
    throw Failure.of(Failure.Code.UNSUPPORTED, message)
        .phase("security label")
        .pointer(pointer)
        .hint(there ? "this runtime does not set it yet" : "this kernel has no such module")
        .build();
  }
}
