package dev.jrunc.kernel;

/**
 * What statfs(2) says of a file system.
 *
 * @param type magic number, see statfs(2)
 * @param flags ST_ flags of this mount, see {@link #READ_ONLY}
 */
public record FileSystemStatus(long type, long flags) {
  public static final long PROC_MAGIC = 0x9fa0;
  public static final long CGROUP2_MAGIC = 0x63677270;
  public static final long DEVPTS_MAGIC = 0x1cd1;

  /** ST_RDONLY. */
  public static final long READ_ONLY = 1;
}
