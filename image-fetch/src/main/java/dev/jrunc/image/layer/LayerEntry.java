package dev.jrunc.image.layer;

import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Timestamp;
import java.util.Map;

/**
 * One entry of a layer, as the archive has it. Names are bytes, each a character of ISO-8859-1: an
 * image may be of any encoding.
 *
 * @param link target of a symbolic or hard link, otherwise empty
 * @param uid 0 to 2^32-2, or what the archive says instead
 * @param extended extended attributes by name
 */
public record LayerEntry(
    String name,
    Kind kind,
    String link,
    int mode,
    long uid,
    long gid,
    Timestamp modified,
    DeviceNumber device,
    Map<String, byte[]> extended) {

  public LayerEntry {
    extended = Map.copyOf(extended);
  }

  /** What is made of an entry. */
  public enum Kind {
    FILE,
    HARD_LINK,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FOLDER,
    FIFO
  }

  public boolean isFolder() {
    return kind == Kind.FOLDER;
  }
}
