package dev.jrunc.image.store;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Mends a store that was damaged by hand; the caller holds its lock. */
final class StoreRepair {
  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);
  private static final Set<PosixFilePermission> STRANGERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final ImageStore store;
  private final List<String> done = new ArrayList<>();

  StoreRepair(ImageStore store) {
    this.store = store;
  }

  /** What was mended, one sentence each. */
  List<String> mend() {
    Path root = store.root();
    close(root);
    for (String folder : new String[] {"blobs", "blobs/sha256", "blobs/sha512"}) {
      permissions(root.resolve(folder));
    }
    try {
      store.index();
    } catch (ImageFailure damage) {
      if (!(damage.getCause() instanceof ImageFailure)) {
        throw damage; // It cannot be read, which says nothing of what is in it.
      }
      index(root, String.valueOf(damage.getMessage()));
    }
    return List.copyOf(done);
  }

  /** CVE-2021-41091: set-user-id files of images must be out of the reach of other users. */
  private void close(Path root) {
    set(root, OWNER, "closed \"" + root + "\" to other users");
  }

  /** Its owner must be able to write, and nobody else: what is here runs as root one day. */
  private void permissions(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        Set<PosixFilePermission> right = EnumSet.copyOf(OWNER);
        right.addAll(Files.getPosixFilePermissions(folder));
        right.removeAll(STRANGERS);
        set(folder, right, "mended the permissions of \"" + folder + "\"");
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }

  private void set(Path folder, Set<PosixFilePermission> right, String said) {
    try {
      if (!right.equals(Files.getPosixFilePermissions(folder))) {
        Files.setPosixFilePermissions(folder, right);
        done.add(said);
      }
    } catch (IOException e) {
      throw Reasons.cannotWrite(folder, e);
    }
  }

  private void index(Path root, String damage) {
    Path index = root.resolve("index.json");
    LayoutIndex known = LayoutIndex.empty();
    String from = "began a new one; blobs of images that are pulled again are not fetched again";
    try {
      Path copy = root.resolve(LayoutWriter.COPY);
      known = LayoutIndex.read(Files.readAllBytes(copy), "\"" + copy + "\"");
      from = "took the copy of it";
    } catch (IOException | ImageFailure e) {
      // The copy is of no use either.
    }
    try {
      Files.move(index, root.resolve("index.json.damaged"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw Reasons.cannotWrite(index, e);
    }
    new LayoutWriter(root).writeIndex(known);
    done.add(damage.replace("; the next jimage pull mends it", "") + ": " + from);
  }
}
