package dev.jrunc.conformance.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes layers entry by entry, the odd and the hostile ones too. */
public final class ImageMaker {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  public ImageMaker() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  public ImageMaker folder(String name, int mode) throws IOException {
    return put(entry(name.endsWith("/") ? name : name + "/", TarConstants.LF_DIR, mode), null);
  }

  public ImageMaker file(String name, int mode, String content) throws IOException {
    return file(name, mode, content.getBytes(StandardCharsets.UTF_8));
  }

  public ImageMaker file(String name, int mode, byte[] content) throws IOException {
    TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, mode);
    entry.setSize(content.length);
    return put(entry, content);
  }

  public ImageMaker symlink(String name, String target) throws IOException {
    TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, 0777);
    entry.setLinkName(target);
    return put(entry, null);
  }

  public ImageMaker hardLink(String name, String target) throws IOException {
    TarArchiveEntry entry = entry(name, TarConstants.LF_LINK, 0644);
    entry.setLinkName(target);
    return put(entry, null);
  }

  /** Anything, with whatever the caller says of it; without content. */
  public ImageMaker special(String name, byte type, int mode, Consumer<TarArchiveEntry> more)
      throws IOException {
    TarArchiveEntry entry = entry(name, type, mode);
    more.accept(entry);
    return put(entry, null);
  }

  /** Hides a file of a lower layer. */
  public ImageMaker whiteout(String name) throws IOException {
    int slash = name.lastIndexOf('/') + 1;
    return file(name.substring(0, slash) + ".wh." + name.substring(slash), 0600, "");
  }

  /** The host's static busybox with links for what a demo needs. */
  public ImageMaker busybox(String... applets) throws IOException {
    file("bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")));
    for (String applet : applets) {
      symlink("bin/" + applet, "busybox");
    }
    return this;
  }

  // Keeps a leading slash: what is hostile must arrive as it is written.
  private static TarArchiveEntry entry(String name, byte type, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setMode(mode);
    entry.setIds(0, 0);
    entry.setModTime(1_700_000_000_000L);
    return entry;
  }

  private ImageMaker put(TarArchiveEntry entry, byte @org.jspecify.annotations.Nullable [] content)
      throws IOException {
    tar.putArchiveEntry(entry);
    if (content != null) {
      tar.write(content);
    }
    tar.closeArchiveEntry();
    return this;
  }

  /** The plain tar. */
  public byte[] tar() throws IOException {
    tar.finish();
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(content);
    }
    return packed.toByteArray();
  }
}
