package dev.jrunc.image.tree;

import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Timestamp;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file in a tree is like.
 *
 * @param kind as ls(1) writes it: {@code -} file, {@code d} folder, {@code l} symbolic link, {@code
 *     c} and {@code b} devices, {@code p} FIFO, {@code s} socket
 * @param modified null where nobody said when
 * @param target of a symbolic link, otherwise empty
 * @param extended extended attributes; compared, but for those the host adds
 * @param sha256 of the content, in hex; empty where there is none
 * @param same the path of another name of the same file, empty for none
 */
public record FileFacts(
    char kind,
    int mode,
    long uid,
    long gid,
    long size,
    @Nullable Timestamp modified,
    DeviceNumber device,
    String target,
    Map<String, byte[]> extended,
    String sha256,
    String same) {

  public FileFacts {
    extended = Map.copyOf(extended);
  }

  public boolean isFolder() {
    return kind == 'd';
  }

  FileFacts withSame(String path) {
    return new FileFacts(
        kind, mode, uid, gid, size, modified, device, target, extended, sha256, path);
  }

  FileFacts withContent(long length, String digest) {
    return new FileFacts(
        kind, mode, uid, gid, length, modified, device, target, extended, digest, same);
  }
}
