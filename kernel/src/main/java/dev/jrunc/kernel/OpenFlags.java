package dev.jrunc.kernel;

/** Flags of open(2) and openat2(2), with the values of x86; {@link FileCalls} translates them. */
public final class OpenFlags {
  public static final int RDONLY = 0;
  public static final int WRONLY = 1;
  public static final int RDWR = 2;
  public static final int CREAT = 0100;
  public static final int EXCL = 0200;
  public static final int NOCTTY = 0400;
  public static final int TRUNC = 01000;
  public static final int APPEND = 02000;
  public static final int NONBLOCK = 04000;
  public static final int DIRECTORY = 0200000;
  public static final int NOFOLLOW = 0400000;
  public static final int CLOEXEC = 02000000;
  public static final int PATH = 010000000;

  /** RESOLVE_NO_XDEV: no mount point may be crossed. */
  public static final int RESOLVE_NO_XDEV = 0x01;

  /** RESOLVE_NO_MAGICLINKS: no link of the kind /proc/PID/fd/N may be followed. */
  public static final int RESOLVE_NO_MAGICLINKS = 0x02;

  public static final int RESOLVE_NO_SYMLINKS = 0x04;
  public static final int RESOLVE_BENEATH = 0x08;

  /** RESOLVE_IN_ROOT: the directory is the root of the whole walk, as if by chroot(2). */
  public static final int RESOLVE_IN_ROOT = 0x10;

  private static final int AARCH64_DIRECTORY = 040000;
  private static final int AARCH64_NOFOLLOW = 0100000;

  private OpenFlags() {}

  /** The same flags as {@code architecture} numbers them (arch/arm64 has its own for two). */
  static int translate(int flags, Architecture architecture) {
    if (architecture == Architecture.X86_64) {
      return flags;
    }
    int result = flags & ~(DIRECTORY | NOFOLLOW);
    result |= (flags & DIRECTORY) != 0 ? AARCH64_DIRECTORY : 0;
    result |= (flags & NOFOLLOW) != 0 ? AARCH64_NOFOLLOW : 0;
    return result;
  }
}
