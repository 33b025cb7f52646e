package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import java.util.Locale;

/** What the libseccomp that is linked in has heard of. */
public final class SeccompKnowledge {
  private static final String ARCHITECTURE_PREFIX = "SCMP_ARCH_";

  /** __NR_SCMP_ERROR. */
  private static final int UNKNOWN = -1;

  private final Linux linux;
  private final FilterLibrary library;

  public SeccompKnowledge(Linux linux, FilterLibrary library) {
    this.linux = linux;
    this.library = library;
  }

  /** With the library in the executable; not for the JVM. */
  public static SeccompKnowledge linked(Linux linux) {
    return new SeccompKnowledge(linux, new LibSeccomp());
  }

  public String libraryVersion() {
    return new SeccompCompiler(linux, library).libraryVersion();
  }

  /** Whether a name such as {@code SCMP_ARCH_X86_64} is known. */
  public boolean hasArchitecture(String name) {
    if (!name.startsWith(ARCHITECTURE_PREFIX)) {
      return false;
    }
    String word = name.substring(ARCHITECTURE_PREFIX.length()).toLowerCase(Locale.ROOT);
    try (Memory memory = Memory.scope(linux.gate())) {
      return library.seccomp_arch_resolve_name(memory.string(word)) != 0;
    }
  }

  /** Whether a system call is known on any architecture. */
  public boolean hasCall(String name) {
    try (Memory memory = Memory.scope(linux.gate())) {
      return library.seccomp_syscall_resolve_name(memory.string(name)) != UNKNOWN;
    }
  }
}
