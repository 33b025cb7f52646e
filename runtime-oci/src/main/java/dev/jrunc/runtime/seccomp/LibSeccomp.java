package dev.jrunc.runtime.seccomp;

import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;

/** libseccomp, linked into the executable. Must not be touched on the JVM. */
@Include("seccomp.h")
final class LibSeccomp implements FilterLibrary {

  @Include("seccomp.h")
  @Import(name = "seccomp_init")
  private static native Address init(int defaultAction);

  @Include("seccomp.h")
  @Import(name = "seccomp_release")
  private static native void release(Address filter);

  @Include("seccomp.h")
  @Import(name = "seccomp_arch_resolve_name")
  private static native int archResolveName(Address name);

  @Include("seccomp.h")
  @Import(name = "seccomp_arch_native")
  private static native int archNative();

  @Include("seccomp.h")
  @Import(name = "seccomp_arch_add")
  private static native int archAdd(Address filter, int architecture);

  @Include("seccomp.h")
  @Import(name = "seccomp_attr_set")
  private static native int attrSet(Address filter, int attribute, int value);

  @Include("seccomp.h")
  @Import(name = "seccomp_syscall_resolve_name")
  private static native int resolveName(Address name);

  @Include("seccomp.h")
  @Import(name = "seccomp_syscall_resolve_name_arch")
  private static native int resolveNameArch(int architecture, Address name);

  @Include("seccomp.h")
  @Import(name = "seccomp_rule_add_array")
  private static native int ruleAddArray(
      Address filter, int action, int syscall, int count, Address conditions);

  @Include("seccomp.h")
  @Import(name = "seccomp_export_bpf")
  private static native int exportBpf(Address filter, int descriptor);

  @Include("seccomp.h")
  @Import(name = "seccomp_version")
  private static native Address version();

  @Override
  public long seccomp_init(int defaultAction) {
    return init(defaultAction).toLong();
  }

  @Override
  public void seccomp_release(long filter) {
    release(Address.fromLong(filter));
  }

  @Override
  public int seccomp_arch_resolve_name(long name) {
    return archResolveName(Address.fromLong(name));
  }

  @Override
  public int seccomp_arch_native() {
    return archNative();
  }

  @Override
  public int seccomp_arch_add(long filter, int architecture) {
    return archAdd(Address.fromLong(filter), architecture);
  }

  @Override
  public int seccomp_attr_set(long filter, int attribute, int value) {
    return attrSet(Address.fromLong(filter), attribute, value);
  }

  @Override
  public int seccomp_syscall_resolve_name(long name) {
    return resolveName(Address.fromLong(name));
  }

  @Override
  public int seccomp_syscall_resolve_name_arch(int architecture, long name) {
    return resolveNameArch(architecture, Address.fromLong(name));
  }

  @Override
  public int seccomp_rule_add_array(
      long filter, int action, int syscall, int count, long conditions) {
    return ruleAddArray(
        Address.fromLong(filter), action, syscall, count, Address.fromLong(conditions));
  }

  @Override
  public int seccomp_export_bpf(long filter, int descriptor) {
    return exportBpf(Address.fromLong(filter), descriptor);
  }

  @Override
  public long seccomp_version() {
    return version().toLong();
  }
}
