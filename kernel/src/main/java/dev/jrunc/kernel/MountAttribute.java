package dev.jrunc.kernel;

/** Attributes and propagation types of mount_setattr(2). */
public final class MountAttribute {
  public static final long READ_ONLY = 0x1;
  public static final long NO_SUID = 0x2;
  public static final long NO_DEV = 0x4;
  public static final long NO_EXEC = 0x8;

  /** MOUNT_ATTR__ATIME: the bits of the access time mode; cleared as a whole before one is set. */
  public static final long ATIME_MASK = 0x70;

  public static final long NO_ATIME = 0x10;
  public static final long STRICT_ATIME = 0x20;
  public static final long NO_DIR_ATIME = 0x80;
  public static final long ID_MAP = 0x100000;
  public static final long NO_SYM_FOLLOW = 0x200000;

  /** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
  public static final long UNBINDABLE = 1 << 17;

  public static final long PRIVATE = 1 << 18;
  public static final long SLAVE = 1 << 19;
  public static final long SHARED = 1 << 20;

  private MountAttribute() {}
}
