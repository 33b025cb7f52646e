package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter of system calls.
 *
 * @param givenFlags null where the config says nothing of flags, which is not the same as none
 */
public record Seccomp(
    SeccompAction defaultAction,
    @Nullable Integer defaultErrnoRet,
    List<String> architectures,
    @Nullable List<String> givenFlags,
    @Nullable String listenerPath,
    @Nullable String listenerMetadata,
    List<SyscallRule> syscalls) {
  /** The flags there are, divided by spaces. */
  public static final String FLAGS =
      "SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW"
          + " SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";

  /** The architectures there are, divided by spaces. */
  public static final String ARCHITECTURES =
      "SCMP_ARCH_X86 SCMP_ARCH_X86_64 SCMP_ARCH_X32 SCMP_ARCH_ARM SCMP_ARCH_AARCH64"
          + " SCMP_ARCH_MIPS SCMP_ARCH_MIPS64 SCMP_ARCH_MIPS64N32 SCMP_ARCH_MIPSEL"
          + " SCMP_ARCH_MIPSEL64 SCMP_ARCH_MIPSEL64N32 SCMP_ARCH_PPC SCMP_ARCH_PPC64"
          + " SCMP_ARCH_PPC64LE SCMP_ARCH_S390 SCMP_ARCH_S390X SCMP_ARCH_PARISC"
          + " SCMP_ARCH_PARISC64 SCMP_ARCH_RISCV64 SCMP_ARCH_LOONGARCH64 SCMP_ARCH_M68K"
          + " SCMP_ARCH_SH SCMP_ARCH_SHEB";

  public Seccomp {
    architectures = List.copyOf(architectures);
    givenFlags = givenFlags == null ? null : List.copyOf(givenFlags);
    syscalls = List.copyOf(syscalls);
  }

  /** The flags that the config names. */
  public List<String> flags() {
    return givenFlags == null ? List.of() : givenFlags;
  }

  /** Whether an agent at {@link #listenerPath} is to answer for calls. */
  public boolean notifies() {
    for (SyscallRule rule : syscalls) {
      if (rule.action() == SeccompAction.NOTIFY) {
        return true;
      }
    }
    return false;
  }
}
