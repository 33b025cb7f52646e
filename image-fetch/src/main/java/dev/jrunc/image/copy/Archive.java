package dev.jrunc.image.copy;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * An archive that is being made: its files wait in a folder beside it. The same files give the same
 * bytes.
 */
final class Archive implements AutoCloseable {
  private final Path file;
  private final WorkingFolder working;

  Archive(Path file) {
    this.file = file.toAbsolutePath();
    if (Files.exists(file)) {
      throw new ImageFailure("\"" + file + "\" is there already; an archive is not changed");
    }
    Path parent = this.file.getParent();
    if (parent == null) {
      throw new ImageFailure("\"" + file + "\" is a folder");
    }
    this.working = WorkingFolder.in(parent, ".jimage-");
  }

  Path folder() {
    return working.files();
  }

  /** Shows the archive, with the files in the order of their names. */
  void finish() {
    Path fresh = working.beside("archive.tar");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(fresh), 1 << 17);
          TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        for (Path each : files()) {
          put(tar, each);
        }
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder())) {
      return all.filter(each -> !each.equals(folder())).sorted().toList();
    }
  }

  private void put(TarArchiveOutputStream tar, Path each) throws IOException {
    boolean isFolder = Files.isDirectory(each);
    TarArchiveEntry entry =
        new TarArchiveEntry(
            folder().relativize(each) + (isFolder ? "/" : ""),
            isFolder ? TarConstants.LF_DIR : TarConstants.LF_NORMAL);
    entry.setMode(isFolder ? 0755 : 0644);
    entry.setIds(0, 0);
    entry.setModTime(0);
    if (!isFolder) {
      entry.setSize(Files.size(each));
    }
    tar.putArchiveEntry(entry);
    if (!isFolder) {
      Files.copy(each, tar);
    }
    tar.closeArchiveEntry();
  }

  @Override
  public void close() {
    working.close();
  }
}
