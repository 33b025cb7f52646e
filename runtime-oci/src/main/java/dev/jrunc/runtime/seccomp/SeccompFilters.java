package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Linux;
import dev.jrunc.spec.Seccomp;

/** Gives the program for a profile: from the cache, or compiled and then kept. */
public final class SeccompFilters {
  private final SeccompCompiler compiler;
  private final SeccompCache cache;
  private final Linux linux;

  /**
   * With the libseccomp that is linked into the executable; not for the JVM.
   *
   * @param stateRoot of this runtime, for example /run/jrunc; programs are kept in {@code
   *     .cache/seccomp} below it
   */
  public static SeccompFilters under(Linux linux, String stateRoot) {
    return new SeccompFilters(linux, new LibSeccomp(), stateRoot + "/.cache/seccomp");
  }

  SeccompFilters(Linux linux, FilterLibrary library, String folder) {
    this.linux = linux;
    this.compiler = new SeccompCompiler(linux, library);
    this.cache = new SeccompCache(linux, folder);
  }

  /** To be called in the parent, before the clone: a failure is then nothing but a message. */
  public SeccompProgram compile(Seccomp profile) {
    String key = ProfileKey.of(profile, linux.gate().architecture(), compiler.libraryVersion());
    SeccompProgram kept = cache.find(key);
    if (kept != null) {
      return kept;
    }
    SeccompProgram program = compiler.compile(profile);
    cache.store(key, program);
    return program;
  }

  /** Of libseccomp, for {@code --version} and {@code features}. */
  public String libraryVersion() {
    return compiler.libraryVersion();
  }
}
