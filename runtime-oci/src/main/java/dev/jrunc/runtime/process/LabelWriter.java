package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.ProcessStep;
import dev.jrunc.runtime.rootfs.PrivateProc;

/**
 * Tells a security module what is to hold for the program: profile and label count from the next
 * execve(2) on, that of keys from the next key on. CVE-2019-16884: only a procfs that surely is one
 * is written to.
 */
final class LabelWriter {
  private static final int BENEATH =
      OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_XDEV | OpenFlags.RESOLVE_NO_MAGICLINKS;

  private final Linux linux;

  LabelWriter(Linux linux) {
    this.linux = linux;
  }

  void appArmor(ProcessStep.SetAppArmorProfile step) {
    String value = "exec " + step.profile();
    long result = write("apparmor/exec", value);
    if (result == -Errno.ENOENT) {
      // Before Linux 5.8 the modules had no folders of their own.
      result = write("exec", value);
    }
    require(
        result,
        "unable to apply apparmor profile: apparmor failed to apply profile",
        step.pointer(),
        "load \"" + step.profile() + "\" by apparmor_parser(8)");
  }

  void selinux(ProcessStep.SetSelinuxLabel step) {
    long result = write("exec", step.label());
    require(result, "error setting process label", step.pointer(), "see whether the policy has it");
  }

  void selinuxOfKeys(String label) {
    long result = write("keycreate", label);
    require(result, "error setting key label", "/process/selinuxLabel", "");
  }

  private long write(String attribute, String value) {
    String path = "thread-self/attr/" + attribute;
    try (Descriptor proc = PrivateProc.open(linux)) {
      long opened = linux.files().open2Raw(proc, path, OpenFlags.WRONLY, 0, BENEATH);
      if (opened < 0) {
        return opened;
      }
      try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
        return linux.streams().writeOnceRaw(file, value);
      }
    } catch (SyscallFailed e) {
      return -e.errno();
    }
  }

  private static void require(long result, String what, String pointer, String hint) {
    if (result < 0) {
      int errno = (int) -result;
      throw Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(errno))
          .phase("security label")
          .pointer(pointer)
          .errno(errno)
          .hint(errno == Errno.ENOENT || errno == Errno.EINVAL ? hint : "")
          .build();
    }
  }
}
