package dev.jrunc.image.copy;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.CountedInflation;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackLimits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/**
 * The files of an archive, found by one pass over its headers. A packed archive is unpacked to a
 * temporary file first, since layers are not read in the order of the archive. No name in it
 * becomes a path of this machine.
 */
final class TarFiles implements LayoutFiles {
  private static final int MOST_LINKS = 8;

  private final Path file;
  private final @Nullable WorkingFolder unpacked;
  private final FileChannel channel;
  private final Map<String, TarArchiveEntry> entries = new HashMap<>();

  private TarFiles(Path file, @Nullable WorkingFolder unpacked, FileChannel channel)
      throws IOException {
    this.file = file;
    this.unpacked = unpacked;
    this.channel = channel;
    // Not closed: that would close the channel, and with it our hold on the file.
    TarFile tar = new TarFile(channel);
    for (TarArchiveEntry entry : tar.getEntries()) {
      if (!entry.isDirectory()) {
        entries.put(normal(entry.getName()), entry);
      }
    }
  }

  /**
   * Opens it.
   *
   * @param limits of what a packed one unpacks to
   */
  static TarFiles open(Path file, UnpackLimits limits) {
    WorkingFolder unpacked = null;
    boolean whole = false;
    try {
      Path plain = file;
      if (isPacked(file)) {
        unpacked = WorkingFolder.temporary();
        plain = unpacked.files().resolve("archive.tar");
        try (InputStream in =
            CountedInflation.open(
                Files.newInputStream(file), new UnpackBudget(limits), "\"" + file + "\"")) {
          Files.copy(in, plain);
        }
      }
      TarFiles opened = new TarFiles(file, unpacked, FileChannel.open(plain));
      whole = true;
      return opened;
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageFailure("cannot read \"%s\": %s".formatted(file, Reasons.of(e)), e);
    } finally {
      if (!whole && unpacked != null) {
        unpacked.close();
      }
    }
  }

  private static boolean isPacked(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(4);
      boolean gzip = head.length == 4 && head[0] == 0x1f && head[1] == (byte) 0x8b;
      boolean zstd =
          head.length == 4 && head[0] == 0x28 && head[1] == (byte) 0xb5 && head[2] == 0x2f;
      return gzip || zstd;
    }
  }

  private static String normal(String name) {
    // Not by Path, which knows no NUL, and in some locales no name that is not ASCII.
    ArrayDeque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  @Override
  public String label() {
    return "\"" + file + "\"";
  }

  @Override
  public InputStream open(String path) throws IOException {
    TarArchiveEntry entry = find(path);
    return new Part(channel, entry.getDataOffset(), entry.getSize());
  }

  private static String parent(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }

  /** Older archives of Docker name a layer that two images share by a link. */
  private TarArchiveEntry find(String path) throws IOException {
    String name = normal(path);
    for (int links = 0; links < MOST_LINKS; links++) {
      TarArchiveEntry entry = entries.get(name);
      if (entry == null) {
        throw new NoSuchFileException(path);
      }
      if (entry.isSymbolicLink()) {
        name = normal(parent(name) + "/" + entry.getLinkName());
      } else if (entry.isLink()) {
        name = normal(entry.getLinkName());
      } else if (entry.isFile() && entry.getDataOffset() >= 0) {
        return entry;
      } else {
        throw new IOException("\"" + path + "\" is no file in the archive");
      }
    }
    throw new IOException("\"" + path + "\" is a link without end");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It was only read.
    }
    if (unpacked != null) {
      unpacked.close();
    }
  }

  /**
   * A stretch of a file; several may be read at once, so the channel's own position is not used.
   */
  private static final class Part extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    Part(FileChannel channel, long start, long length) {
      this.channel = channel;
      this.position = start;
      this.end = start + length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (position >= end) {
        return -1;
      }
      int wanted = (int) Math.min(length, end - position);
      int count = channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
      if (count < 0) {
        throw new EOFException("the archive is truncated");
      }
      position += count;
      return count;
    }

    @Override
    public long skip(long count) {
      long step = Math.max(0, Math.min(count, end - position));
      position += step;
      return step;
    }
  }
}
