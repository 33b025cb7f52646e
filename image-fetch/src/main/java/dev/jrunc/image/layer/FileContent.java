package dev.jrunc.image.layer;

import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Makes files: small ones are left to {@link ContentWriters}, large ones written here at once. */
final class FileContent {
  private static final int FRESH =
      OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;

  private final Unpacking unpacking;
  private final Linux linux;
  private final TreeRecord record;
  private final EntryAttributes attributes;

  FileContent(Unpacking unpacking, RootTree tree, EntryAttributes attributes) {
    this.unpacking = unpacking;
    this.linux = tree.linux();
    this.record = tree.record();
    this.attributes = attributes;
  }

  /** As open(2): negative where the file cannot be made; then nothing of the content is read. */
  long write(
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
    ContentWriters writers = unpacking.writers();
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
      TreeRecord.Line line = record.file(path, facts);
      if (length < buffer.length) {
        handedOver = true;
        writers.write(
            new ContentWriters.Job(file, buffer, length, entry, shown(path), attributes, line));
      } else {
        large(file, path, entry, buffer, content, line);
      }
      return 0;
    } finally {
      if (!handedOver) {
        file.close();
        writers.back(buffer);
      }
    }
  }

  private void large(
      Descriptor file,
      String path,
      LayerEntry entry,
      byte[] buffer,
      InputStream content,
      TreeRecord.@Nullable Line line)
      throws IOException {
    Memory.Block block = unpacking.block();
    MessageDigest computation = ContentWriters.startDigest();
    long total = 0;
    int length = buffer.length;
    do {
      block.putBytes(0, buffer, length);
      long result = linux.streams().writeRaw(file, block, length);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.WRITE, shown(path), (int) -result);
      }
      if (line != null) {
        computation.update(buffer, 0, length);
      }
      total += length;
      length = fill(content, buffer, 0);
    } while (length > 0);
    attributes.apply(file, entry);
    if (line != null) {
      line.written(total, HexFormat.of().formatHex(computation.digest()));
    }
  }

  private static String shown(String path) {
    return "\"" + EntryName.shown(path) + "\"";
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
