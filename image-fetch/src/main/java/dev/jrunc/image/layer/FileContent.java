package dev.jrunc.image.layer;

import dev.jrunc.image.layer.ContentWriters.Job;
import dev.jrunc.image.layer.ContentWriters.Piece;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;

/** Makes files, and reads what {@link ContentWriters} write to them. */
final class FileContent implements Contents {
  static final int FRESH = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;

  private final ContentWriters writers;
  private final Linux linux;
  private final TreeRecord record;
  private final EntryAttributes attributes;

  FileContent(Unpacking unpacking, RootTree tree, EntryAttributes attributes) {
    this.writers = unpacking.writers();
    this.linux = tree.linux();
    this.record = tree.record();
    this.attributes = attributes;
  }

  @Override
  public long write(
      Descriptor folder,
      String name,
      String path,
      LayerEntry entry,
      FileFacts facts,
      InputStream content)
      throws IOException {
    long opened = linux.files().openRaw(folder, name, FRESH, 0600);
    if (opened < 0) {
      return opened;
    }
    Descriptor file = new Descriptor(linux.gate(), (int) opened);
    boolean handedOver = false;
    byte[] buffer = writers.small();
    try {
      int length = fill(content, buffer, 0);
      if (length == buffer.length) {
        byte[] larger = writers.large();
        System.arraycopy(buffer, 0, larger, 0, length);
        writers.back(buffer);
        buffer = larger;
        length = fill(content, buffer, length);
      }
      Job job =
          new Job(
              file, entry, shown(path), attributes, record.file(path, facts), new ArrayDeque<>());
      Piece piece = new Piece(buffer, length, length < buffer.length);
      handedOver = true;
      writers.write(job, piece);
      while (!piece.last()) {
        byte[] next = writers.large();
        length = fill(content, next, 0);
        piece = new Piece(next, length, length < next.length);
        writers.more(job, piece);
      }
      return 0;
    } finally {
      if (!handedOver) {
        file.close();
        writers.back(buffer);
      }
    }
  }

  private static String shown(String path) {
    return "\"" + ByteName.shown(path) + "\"";
  }

  private static int fill(InputStream content, byte[] buffer, int start) throws IOException {
    int length = start;
    while (length < buffer.length) {
      int got = content.read(buffer, length, buffer.length - length);
      if (got < 0) {
        break;
      }
      length += got;
    }
    return length;
  }
}
