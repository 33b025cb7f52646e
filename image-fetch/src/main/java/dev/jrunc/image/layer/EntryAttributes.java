package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.Timestamp;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Gives a file its owner, extended attributes, mode and time, in this order: chown(2) clears set-id
 * bits and file capabilities, and everything changes the time.
 */
final class EntryAttributes {
  private static final String PAX_PREFIX = "SCHILY.xattr.";
  private static final long HIGHEST_ID = 0xffffffffL - 1;

  private final Linux linux;
  private final String layer;

  EntryAttributes(Linux linux, String layer) {
    this.linux = linux;
    this.layer = layer;
  }

  void apply(Descriptor folder, String name, TarArchiveEntry entry) {
    long uid = id(entry.getLongUserId(), entry);
    long gid = id(entry.getLongGroupId(), entry);
    if (linux.credentials().effectiveUid() == 0) {
      linux.files().chown(folder, name, uid, gid, FileCalls.NOFOLLOW);
    }
    if (!entry.isSymbolicLink()) {
      extended(folder, name, entry);
      linux.files().chmod(folder, name, entry.getMode() & 07777);
    }
    if (!entry.isDirectory()) {
      Timestamp time = EntryApplier.modified(entry);
      linux.files().setTimes(folder, name, time, time, FileCalls.NOFOLLOW);
    }
  }

  private long id(long value, TarArchiveEntry entry) {
    if (value < 0 || value > HIGHEST_ID) {
      throw new LayerRefused(
          layer + " gives \"" + entry.getName() + "\" to the impossible owner " + value);
    }
    return value;
  }

  private void extended(Descriptor folder, String name, TarArchiveEntry entry) {
    Map<String, String> headers = entry.getExtraPaxHeaders();
    if (headers.isEmpty() || entry.isFIFO() || entry.isCharacterDevice() || entry.isBlockDevice()) {
      return;
    }
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (!header.getKey().startsWith(PAX_PREFIX)) {
        continue;
      }
      String attribute = header.getKey().substring(PAX_PREFIX.length());
      // Labels are the host's to give; NFS access lists have no meaning elsewhere.
      if (attribute.equals("security.selinux") || attribute.equals("system.nfs4_acl")) {
        continue;
      }
      try (Descriptor file = linux.files().open(folder, name, flags, 0)) {
        byte[] value = header.getValue().getBytes(StandardCharsets.UTF_8);
        long result = linux.files().setAttributeRaw(file, attribute, value);
        boolean unsupported =
            result == -Errno.EOPNOTSUPP || result == -Errno.EPERM || result == -Errno.EINVAL;
        if (result < 0 && !unsupported) {
          throw new SyscallFailed(SystemCall.FSETXATTR, attribute, (int) -result);
        }
      }
    }
  }
}
