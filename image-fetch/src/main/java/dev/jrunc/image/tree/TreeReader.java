package dev.jrunc.image.tree;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Walks a tree through handles and says of each file what it is like. */
public final class TreeReader {
  private static final int FOLDER = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;

  private final Linux linux;
  private final boolean owners;
  private final byte[] buffer = new byte[1 << 18];
  private final Map<Identity, String> linked = new HashMap<>();

  /**
   * @param recordedOwners whether {@link RecordedOwner} says whose a file is
   */
  public TreeReader(Gate gate, boolean recordedOwners) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
    this.owners = recordedOwners;
  }

  /** An inode's number counts on its file system alone, and a tree may have several. */
  private record Identity(DeviceNumber fileSystem, long inode) {}

  /** Hears of one file. */
  public interface Visitor {
    /**
     * A file that is there; folders come before what is in them.
     *
     * @param parent holds the file as {@code name}, while this is called
     */
    void visit(String path, FileFacts facts, Descriptor parent, String name);
  }

  /** All of the tree, names in their order. Content is not read: {@link #sha256} does. */
  public void walk(Descriptor root, Visitor visitor) {
    FileStatus status = linux.files().status(root);
    visitor.visit("", facts(root, ".", "", status), root, ".");
    try (Descriptor listed = linux.files().open(root, ".", FOLDER, 0)) {
      walk(listed, "", visitor);
    }
  }

  private void walk(Descriptor folder, String path, Visitor visitor) {
    List<String> names = new ArrayList<>(linux.files().list(folder));
    names.sort(null);
    for (String name : names) {
      String inner = path.isEmpty() ? name : path + "/" + name;
      FileStatus status = linux.files().status(folder, name, FileCalls.NOFOLLOW);
      visitor.visit(inner, facts(folder, name, inner, status), folder, name);
      if (status.is(FileMode.DIRECTORY)) {
        try (Descriptor next = linux.files().open(folder, name, FOLDER, 0)) {
          walk(next, inner, visitor);
        }
      }
    }
  }

  private FileFacts facts(Descriptor folder, String name, String path, FileStatus status) {
    char kind = kind(status);
    String same = "";
    if (kind != 'd' && status.links() > 1) {
      Identity identity = new Identity(status.fileSystem(), status.inode());
      String first = linked.putIfAbsent(identity, path);
      same = first == null ? "" : first;
    }
    Map<String, byte[]> extended = extended(folder.procPath() + "/" + name);
    byte[] recorded = extended.remove(RecordedOwner.ATTRIBUTE);
    RecordedOwner owner =
        owners
            ? RecordedOwner.parse(recorded == null ? new byte[0] : recorded)
            : new RecordedOwner(status.uid(), status.gid());
    return new FileFacts(
        kind,
        status.mode() & 07777,
        owner.uid(),
        owner.gid(),
        kind == '-' ? status.size() : 0,
        status.modified(),
        status.device(),
        kind == 'l' ? linux.files().readlink(folder, name) : "",
        extended,
        "",
        same);
  }

  private Map<String, byte[]> extended(String path) {
    Map<String, byte[]> extended = new HashMap<>();
    for (String name : linux.files().linkAttributes(path)) {
      byte[] value = isHosts(name) ? null : linux.files().linkAttribute(path, name);
      if (value != null) {
        extended.put(name, value);
      }
    }
    return extended;
  }

  /** Labels are the host's. */
  private static boolean isHosts(String attribute) {
    return attribute.equals("security.selinux") || attribute.equals("system.nfs4_acl");
  }

  private static char kind(FileStatus status) {
    return switch (status.mode() & FileMode.TYPE_MASK) {
      case FileMode.DIRECTORY -> 'd';
      case FileMode.SYMLINK -> 'l';
      case FileMode.CHARACTER_DEVICE -> 'c';
      case FileMode.BLOCK_DEVICE -> 'b';
      case FileMode.FIFO -> 'p';
      case FileMode.REGULAR -> '-';
      default -> 's';
    };
  }

  /** The digest of a file's content, in hex. */
  public String sha256(Descriptor parent, String name) {
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(parent, name, flags, 0)) {
      MessageDigest computation = MessageDigest.getInstance("SHA-256");
      for (int got; (got = linux.streams().read(file, buffer)) > 0; ) {
        computation.update(buffer, 0, got);
      }
      return HexFormat.of().formatHex(computation.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
