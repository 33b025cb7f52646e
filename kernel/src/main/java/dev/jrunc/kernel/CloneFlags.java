package dev.jrunc.kernel;

/** Flags of clone(2), unshare(2) and setns(2). */
public final class CloneFlags {
  public static final long NEWTIME = 0x00000080L;
  public static final long NEWNS = 0x00020000L;
  public static final long NEWCGROUP = 0x02000000L;
  public static final long NEWUTS = 0x04000000L;
  public static final long NEWIPC = 0x08000000L;
  public static final long NEWUSER = 0x10000000L;
  public static final long NEWPID = 0x20000000L;
  public static final long NEWNET = 0x40000000L;

  /** The child's parent is the caller's parent. */
  public static final long PARENT = 0x00008000L;

  private CloneFlags() {}
}
