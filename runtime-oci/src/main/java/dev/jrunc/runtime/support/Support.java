package dev.jrunc.runtime.support;

/**
 * What is built in, in one place: {@code features} prints it and {@code validate} refuses the rest.
 * Whoever builds a part in turns its word to true.
 */
public final class Support {
  public static final boolean SYSTEMD_DRIVER = true;
  public static final boolean SYSTEMD_USER_DRIVER = true;
  public static final boolean SECCOMP_NOTIFY = true;
  public static final boolean APPARMOR = true;
  public static final boolean SELINUX = true;
  public static final boolean INTEL_RDT = true;
  public static final boolean INTEL_RDT_SCHEMATA = true;
  public static final boolean INTEL_RDT_MONITORING = true;
  public static final boolean ID_MAPPED_MOUNTS = true;
  public static final boolean NET_DEVICES = true;
  public static final boolean EXEC_CPU_AFFINITY = true;
  public static final boolean CHECKPOINT = false;

  private Support() {}
}
