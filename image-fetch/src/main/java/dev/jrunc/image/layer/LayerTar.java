package dev.jrunc.image.layer;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.LayerEntry.Kind;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a layer's tar. The library reads PAX values as UTF-8, lets global headers into
 * every later entry, takes a damaged header as it is and goes one call deeper with every extra
 * header; so all header records and the bodies of extra headers are seen here first.
 */
final class LayerTar extends TarArchiveInputStream {
  private static final int MOST_EXTRA_HEADERS = 8;
  private static final long LARGEST_EXTRA_HEADER = 1 << 20;
  private static final String EXTENDED = "SCHILY.xattr.";
  private static final int SIZE = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE = 156;
  private static final int SPARSE_READ = 1024;
  private static final int SPARSE_MORE = 482;
  private static final int SPARSE_EXTENSION_MORE = 504;

  private final WholeRecords records;
  private final Map<Byte, ByteArrayOutputStream> extras = new HashMap<>();
  private @Nullable ByteArrayOutputStream body;
  private int extraHeaders;
  private boolean sparseExtension;
  private final LongConsumer holes;
  private final byte[] rest = new byte[8192];
  private long contentStart;
  private long delivered;
  private long holesTold;

  /**
   * @param holes hears how many bytes of a sparse file are in no tar, before they are read
   */
  LayerTar(InputStream plain, LongConsumer holes) {
    this(new WholeRecords(plain), holes);
  }

  private LayerTar(WholeRecords records, LongConsumer holes) {
    super(records, WholeRecords.RECORD, WholeRecords.RECORD, "ISO-8859-1");
    this.records = records;
    this.holes = holes;
  }

  /** The next entry, null at the end; its content is read from this stream. */
  @Nullable LayerEntry next() throws IOException {
    extras.clear();
    extraHeaders = 0;
    TarArchiveEntry entry;
    try {
      leave();
      entry = getNextEntry();
    } catch (ImageFailure e) {
      throw e;
    } catch (RuntimeException e) { // The library's many ways to meet a number that it cannot take.
      throw new IOException("malformed header: " + e.getMessage(), e);
    }
    if (entry == null) {
      if (!extras.isEmpty()) {
        throw new EOFException("an extra header without an entry");
      }
      return null;
    }
    contentStart = records.position();
    delivered = 0;
    holesTold = 0;
    Map<String, byte[]> pax = PaxRecords.parse(extra('x'));
    String name = name(entry, pax);
    String link = text(extra('K'), pax.get("linkpath"), entry.getLinkName(), "link");
    Map<String, byte[]> extended = new HashMap<>();
    pax.forEach((key, value) -> {
      if (key.startsWith(EXTENDED)) {
        extended.put(key.substring(EXTENDED.length()), value);
      }
    });
    Instant modified = entry.getLastModifiedTime().toInstant();
    return new LayerEntry(
        name,
        kind(entry, name),
        link,
        entry.getMode() & 07777,
        id(entry.getLongUserId(), pax.containsKey("uid")),
        id(entry.getLongGroupId(), pax.containsKey("gid")),
        new Timestamp(modified.getEpochSecond(), modified.getNano()),
        new DeviceNumber(entry.getDevMajor(), entry.getDevMinor()),
        extended);
  }

  // What the library would do, for which it takes two new buffers of 8 KiB each time.
  private void leave() throws IOException {
    TarArchiveEntry left = getCurrentEntry();
    if (left == null || left.isDirectory() || left.isSparse()) {
      return;
    }
    while (read(rest, 0, rest.length) >= 0) {
      // Content that nobody wanted.
    }
    in.readNBytes(rest, 0, (int) (-records.position() & (WholeRecords.RECORD - 1)));
    setCurrentEntry(null);
  }

  private String name(TarArchiveEntry entry, Map<String, byte[]> pax) throws IOException {
    byte[] sparse = pax.get("GNU.sparse.name");
    return text(extra('L'), sparse != null ? sparse : pax.get("path"), entry.getName(), "name");
  }

  private static String text(byte[] gnu, byte @Nullable [] pax, String plain, String what)
      throws IOException {
    if (gnu.length > 0) {
      String text = new String(gnu, StandardCharsets.ISO_8859_1);
      int end = text.indexOf('\0');
      return end < 0 ? text : text.substring(0, end);
    }
    String text = pax == null ? plain : new String(pax, StandardCharsets.ISO_8859_1);
    if (text.indexOf('\0') >= 0) {
      throw new IOException("a NUL in the " + what + " \"" + ByteName.shown(text) + "\"");
    }
    return text;
  }

  // The library cuts the numbers of plain headers down to int, those of PAX headers it does not.
  private static long id(long value, boolean fromPax) {
    return fromPax ? value : value & 0xffffffffL;
  }

  private static Kind kind(TarArchiveEntry entry, String name) throws IOException {
    return switch (entry.getLinkFlag()) {
      // Before POSIX, a slash at the end was what made a folder.
      case 0, '0', '7' -> name.endsWith("/") ? Kind.FOLDER : Kind.FILE;
      case 'S' -> Kind.FILE;
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMLINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.FOLDER;
      case '6' -> Kind.FIFO;
      default ->
          throw new IOException(
              "\""
                  + ByteName.shown(name)
                  + "\" is of the unknown kind '"
                  + (char) (entry.getLinkFlag() & 0xff)
                  + "'");
    };
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    // The library goes one call deeper with every piece of a sparse file that a read takes in.
    boolean sparse = getCurrentEntry() != null && getCurrentEntry().isSparse();
    int got = super.read(buffer, offset, sparse ? Math.min(length, SPARSE_READ) : length);
    if (records.filled()) {
      throw new EOFException("truncated in the middle of an entry");
    }
    if (body != null && got > 0) {
      body.write(buffer, offset, got);
    }
    if (sparse && got > 0) {
      tellHoles(got);
    }
    return got;
  }

  // By what was read of the tar meanwhile: sizes in headers may lie.
  private void tellHoles(int got) {
    delivered += got;
    long all = delivered - (records.position() - contentStart);
    if (all > holesTold) {
      holes.accept(all - holesTold);
      holesTold = all;
    }
  }

  @Override
  protected byte @Nullable [] readRecord() throws IOException {
    body = null;
    while (true) {
      byte[] record = super.readRecord();
      // After the end comes whatever the writer's buffer held.
      if (record == null || isAtEOF() || isEOFRecord(record)) {
        return record;
      }
      if (records.filled()) {
        throw new EOFException("truncated in the middle of a header");
      }
      if (sparseExtension) {
        sparseExtension = record[SPARSE_EXTENSION_MORE] == 1;
        return record;
      }
      if (damaged(record)) {
        throw new IOException("damaged header: its checksum is wrong");
      }
      if (record[TYPE] != 'g') {
        return header(record);
      }
      extraHeader(record);
      in.skipNBytes((size(record) + WholeRecords.RECORD - 1) & -WholeRecords.RECORD);
    }
  }

  private byte[] header(byte[] record) throws IOException {
    switch (record[TYPE]) {
      case 'x', 'X', 'L', 'K' -> {
        extraHeader(record);
        byte kind = record[TYPE] == 'X' ? (byte) 'x' : record[TYPE];
        body = extras.computeIfAbsent(kind, _ -> new ByteArrayOutputStream());
      }
      // These have no content; some writers give a link the size of its target.
      case '1', '2', '3', '4', '5', '6' -> {
        for (int i = 0; i < SIZE_LENGTH; i++) {
          record[SIZE + i] = '0';
        }
        record[SIZE + SIZE_LENGTH - 1] = 0;
      }
      case 'S' -> sparseExtension = record[SPARSE_MORE] == 1;
      default -> {}
    }
    return record;
  }

  private void extraHeader(byte[] record) throws IOException {
    if (++extraHeaders > MOST_EXTRA_HEADERS) {
      throw new IOException("more than " + MOST_EXTRA_HEADERS + " extra headers before one entry");
    }
    if (size(record) > LARGEST_EXTRA_HEADER) {
      throw new IOException("an extra header of " + size(record) + " bytes, more than 1 MiB");
    }
  }

  private static long size(byte[] record) throws IOException {
    long size = TarUtils.parseOctalOrBinary(record, SIZE, SIZE_LENGTH);
    if (size < 0) {
      throw new IOException("malformed header: a negative size");
    }
    return size;
  }

  private static boolean damaged(byte[] record) {
    try {
      return !TarUtils.verifyCheckSum(record);
    } catch (IllegalArgumentException e) {
      return true; // The sum itself is no number.
    }
  }

  private byte[] extra(char kind) {
    ByteArrayOutputStream found = extras.get((byte) kind);
    return found == null ? new byte[0] : found.toByteArray();
  }
}
