package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.seccomp.SeccompFilters;
import dev.jrunc.runtime.seccomp.SeccompProgram;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.Seccomp;
import org.jspecify.annotations.Nullable;

/** The compiled seccomp filters of one root, kept in a cache beside its containers. */
final class Filters {
  private Filters() {}

  static @Nullable SeccompProgram compile(
      Linux linux, ContainerStore store, @Nullable Seccomp seccomp) {
    return seccomp == null ? null : SeccompFilters.under(linux, store.root()).compile(seccomp);
  }
}
