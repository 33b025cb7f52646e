package dev.jrunc.kernel;

/** Error numbers of errno(3) that this project meets, with their symbol and message. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int EPIPE = 32;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EOVERFLOW = 75;
  public static final int EUSERS = 87;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ECONNRESET = 104;
  public static final int ENOTCONN = 107;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EDQUOT = 122;

  private Errno() {}

  /** The symbol, for example {@code ENOENT}; {@code E123} for a number not listed here. */
  public static String symbol(int errno) {
    String entry = entry(errno);
    int space = entry.indexOf(' ');
    return space < 0 ? entry : entry.substring(0, space);
  }

  /** The message of strerror(3) in lower case, as Go's runtimes print it. */
  public static String message(int errno) {
    String entry = entry(errno);
    int space = entry.indexOf(' ');
    return space < 0 ? "errno " + errno : entry.substring(space + 1);
  }

  // Symbol and message share one literal: every literal costs start-up time in the executable.
  private static String entry(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM operation not permitted";
      case ENOENT -> "ENOENT no such file or directory";
      case ESRCH -> "ESRCH no such process";
      case EINTR -> "EINTR interrupted system call";
      case EIO -> "EIO input/output error";
      case ENXIO -> "ENXIO no such device or address";
      case E2BIG -> "E2BIG argument list too long";
      case ENOEXEC -> "ENOEXEC exec format error";
      case EBADF -> "EBADF bad file descriptor";
      case ECHILD -> "ECHILD no child processes";
      case EAGAIN -> "EAGAIN resource temporarily unavailable";
      case ENOMEM -> "ENOMEM cannot allocate memory";
      case EACCES -> "EACCES permission denied";
      case EFAULT -> "EFAULT bad address";
      case EBUSY -> "EBUSY device or resource busy";
      case EEXIST -> "EEXIST file exists";
      case EXDEV -> "EXDEV invalid cross-device link";
      case ENODEV -> "ENODEV no such device";
      case ENOTDIR -> "ENOTDIR not a directory";
      case EISDIR -> "EISDIR is a directory";
      case EINVAL -> "EINVAL invalid argument";
      case ENFILE -> "ENFILE too many open files in system";
      case EMFILE -> "EMFILE too many open files";
      case ENOTTY -> "ENOTTY inappropriate ioctl for device";
      case ETXTBSY -> "ETXTBSY text file busy";
      case EFBIG -> "EFBIG file too large";
      case ENOSPC -> "ENOSPC no space left on device";
      case EROFS -> "EROFS read-only file system";
      case EMLINK -> "EMLINK too many links";
      case EPIPE -> "EPIPE broken pipe";
      case ERANGE -> "ERANGE numerical result out of range";
      case ENAMETOOLONG -> "ENAMETOOLONG file name too long";
      case ENOSYS -> "ENOSYS function not implemented";
      case ENOTEMPTY -> "ENOTEMPTY directory not empty";
      case ELOOP -> "ELOOP too many levels of symbolic links";
      case ENODATA -> "ENODATA no data available";
      case EOVERFLOW -> "EOVERFLOW value too large for defined data type";
      case EUSERS -> "EUSERS too many users";
      case EOPNOTSUPP -> "EOPNOTSUPP operation not supported";
      case EAFNOSUPPORT -> "EAFNOSUPPORT address family not supported by protocol";
      case EADDRINUSE -> "EADDRINUSE address already in use";
      case EADDRNOTAVAIL -> "EADDRNOTAVAIL cannot assign requested address";
      case ECONNRESET -> "ECONNRESET connection reset by peer";
      case ENOTCONN -> "ENOTCONN transport endpoint is not connected";
      case ETIMEDOUT -> "ETIMEDOUT connection timed out";
      case ECONNREFUSED -> "ECONNREFUSED connection refused";
      case EDQUOT -> "EDQUOT disk quota exceeded";
      default -> "E" + errno;
    };
  }
}
