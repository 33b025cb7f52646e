package dev.jrunc.runtime.seccomp;

/**
 * The functions of libseccomp that are used, with C's types: see seccomp(3). Pointers are plain
 * addresses. In the executable this is {@link LibSeccomp}; tests on the JVM bind the shared
 * library.
 */
public interface FilterLibrary {
  long seccomp_init(int defaultAction);

  void seccomp_release(long filter);

  int seccomp_arch_resolve_name(long name);

  int seccomp_arch_native();

  int seccomp_arch_add(long filter, int architecture);

  int seccomp_attr_set(long filter, int attribute, int value);

  int seccomp_syscall_resolve_name(long name);

  int seccomp_syscall_resolve_name_arch(int architecture, long name);

  int seccomp_rule_add_array(long filter, int action, int syscall, int count, long conditions);

  int seccomp_export_bpf(long filter, int descriptor);

  /** The address of three unsigned ints: major, minor, micro. */
  long seccomp_version();
}
