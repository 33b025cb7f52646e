package dev.jrunc.kernel;

/** Major and minor number of a device. */
public record DeviceNumber(int major, int minor) {

  /** The form mknod(2) takes, see new_encode_dev in include/linux/kdev_t.h. */
  public long encoded() {
    return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
