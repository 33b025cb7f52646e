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
import java.util.Arrays;
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
    try {
      byte[] buffer = unpacking.buffer();
      int length = fill(content, buffer);
      TreeRecord.Line line = record.file(path, facts);
      if (length < buffer.length) {
        handedOver = true;
        byte[] whole = Arrays.copyOf(buffer, length);
        unpacking
            .writers()
            .write(new ContentWriters.Job(file, whole, entry, shown(path), attributes, line));
      } else {
        large(file, path, entry, content, line);
      }
      return 0;
    } finally {
      if (!handedOver) {
        file.close();
      }
    }
  }

  private void large(
      Descriptor file,
      String path,
      LayerEntry entry,
      InputStream content,
      TreeRecord.@Nullable Line line)
      throws IOException {
    byte[] buffer = unpacking.buffer();
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
      length = fill(content, buffer);
    } while (length > 0);
    attributes.apply(file, entry);
    if (line != null) {
      line.written(total, HexFormat.of().formatHex(computation.digest()));
    }
  }

  private static String shown(String path) {
    return "\"" + EntryName.shown(path) + "\"";
  }

  private static int fill(InputStream content, byte[] buffer) throws IOException {
    int length = 0;
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
