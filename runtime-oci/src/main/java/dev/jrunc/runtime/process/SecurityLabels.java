package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.rootfs.Selinux;
import dev.jrunc.spec.Process;
import org.jspecify.annotations.Nullable;

/** Profiles and labels of security modules: what cannot be kept is refused, never left out. */
public final class SecurityLabels {
  private SecurityLabels() {}

  /** Refuses what this kernel has no module for, while nothing is made yet. */
  public static void require(Linux linux, @Nullable Process process) {
    if (process == null) {
      return;
    }
    if (given(process.apparmorProfile()) && !hasAppArmor(linux)) {
      throw refused(
          "unable to apply apparmor profile: apparmor is not enabled", "/process/apparmorProfile");
    }
    if (given(process.selinuxLabel()) && !Selinux.isOn(linux)) {
      throw refused(
          "selinux label is specified in config, but selinux is disabled or not supported",
          "/process/selinuxLabel");
    }
  }

  private static boolean given(@Nullable String label) {
    return label != null && !label.isEmpty();
  }

  // Y or N: the module may be built in and switched off.
  private static boolean hasAppArmor(Linux linux) {
    String sign = "/sys/module/apparmor/parameters/enabled";
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), sign, OpenFlags.RDONLY, 0)) {
      byte[] answer = new byte[1];
      return linux.streams().readRaw(file, answer) == 1 && answer[0] == 'Y';
    } catch (SyscallFailed e) {
      return false;
    }
  }

  private static Failure refused(String message, String pointer) {
    return Failure.of(Failure.Code.UNSUPPORTED, message)
        .phase("security label")
        .pointer(pointer)
        .hint("this kernel has no such module, or it is switched off")
        .build();
  }
}
