package dev.jrunc.kernel;

/**
 * What statx(2) says of a file.
 *
 * @param mode type and permission bits, see {@link FileMode}
 * @param uid owner, 0 to 2^32-1
 * @param gid group, 0 to 2^32-1
 * @param size in bytes
 * @param links number of hard links
 * @param device major and minor of a device node, 0 for other files
 * @param modified last change of the content
 * @param mountId of the mount the file was reached through
 */
public record FileStatus(
    int mode,
    long uid,
    long gid,
    long size,
    long inode,
    long links,
    DeviceNumber device,
    DeviceNumber fileSystem,
    Timestamp modified,
    long mountId) {

  /** Whether this is a directory, and so on with the other S_IF kinds. */
  public boolean is(int type) {
    return (mode & FileMode.TYPE_MASK) == type;
  }

  /** Whether both are one and the same file. */
  public boolean sameFileAs(FileStatus other) {
    return inode == other.inode && fileSystem.equals(other.fileSystem);
  }
}
