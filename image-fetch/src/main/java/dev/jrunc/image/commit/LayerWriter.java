package dev.jrunc.image.commit;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.kernel.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the tar of a layer: ustar, with a PAX header where that has no room for a name, an id or
 * an attribute. Names are bytes, each a character of ISO-8859-1; the library's writer would make
 * UTF-8 of them.
 */
final class LayerWriter implements AutoCloseable {
  private static final int RECORD = 512;
  private static final int LONGEST_NAME = 100;
  private static final long MOST_OCTAL = 07777777;
  private static final long MOST_SIZE = 077777777777L;
  private static final Timestamp EPOCH = new Timestamp(0, 0);

  private final OutputStream out;

  LayerWriter(OutputStream out) {
    this.out = out;
  }

  /** Anything but a file with content. */
  void entry(String path, FileFacts facts) throws IOException {
    String name = path.isEmpty() ? "./" : facts.isFolder() ? path + "/" : path;
    header(name, type(facts.kind()), facts.target(), facts, 0);
  }

  void file(String path, FileFacts facts, InputStream content) throws IOException {
    header(path, '0', "", facts, facts.size());
    long length = content.transferTo(out);
    if (length != facts.size()) {
      throw new IOException("\"" + path + "\" changed while it was read");
    }
    out.write(new byte[(int) (-length & (RECORD - 1))]);
  }

  void link(String path, FileFacts facts, String target) throws IOException {
    header(path, '1', target, facts, 0);
  }

  void whiteout(String folder, String name) throws IOException {
    String path = (folder.isEmpty() ? "" : folder + "/") + ".wh." + name;
    FileFacts facts =
        new FileFacts(
            '-',
            0644,
            0,
            0,
            0,
            EPOCH,
            new dev.jrunc.kernel.DeviceNumber(0, 0),
            "",
            Map.of(),
            "",
            "");
    header(path, '0', "", facts, 0);
  }

  private static char type(char kind) {
    return switch (kind) {
      case 'd' -> '5';
      case 'l' -> '2';
      case 'c' -> '3';
      case 'b' -> '4';
      case 'p' -> '6';
      default -> '0';
    };
  }

  private void header(String name, char type, String link, FileFacts facts, long size)
      throws IOException {
    Timestamp modified = facts.modified() == null ? EPOCH : facts.modified();
    Map<String, byte[]> pax = new TreeMap<>();
    if (!fits(name)) {
      pax.put("path", bytes(name));
    }
    if (!fits(link)) {
      pax.put("linkpath", bytes(link));
    }
    if (facts.uid() > MOST_OCTAL) {
      pax.put("uid", bytes(Long.toString(facts.uid())));
    }
    if (facts.gid() > MOST_OCTAL) {
      pax.put("gid", bytes(Long.toString(facts.gid())));
    }
    if (size > MOST_SIZE) {
      pax.put("size", bytes(Long.toString(size)));
    }
    boolean plainTime =
        modified.nanoseconds() == 0 && modified.seconds() >= 0 && modified.seconds() <= MOST_SIZE;
    if (!plainTime) {
      pax.put("mtime", bytes(decimal(modified)));
    }
    if (type != '1') {
      for (Map.Entry<String, byte[]> each : facts.extended().entrySet()) {
        // pax(1): the first = ends the keyword, and there is no other way to write one.
        if (each.getKey().indexOf('=') >= 0) {
          throw new ImageFailure(
              "the attribute \"%s\" of \"%s\" has a = in its name, which no layer can hold; remove it with setfattr -x"
                  .formatted(each.getKey(), name));
        }
        pax.put("SCHILY.xattr." + each.getKey(), each.getValue());
      }
    }
    if (!pax.isEmpty()) {
      byte[] body = records(pax);
      out.write(record("PaxHeaders/x", 'x', "", 0644, 0, 0, body.length, 0, 0, 0));
      out.write(body);
      out.write(new byte[-body.length & (RECORD - 1)]);
    }
    out.write(
        record(
            cut(name),
            type,
            cut(link),
            facts.mode(),
            Math.min(facts.uid(), MOST_OCTAL),
            Math.min(facts.gid(), MOST_OCTAL),
            Math.min(size, MOST_SIZE),
            plainTime ? modified.seconds() : 0,
            facts.device().major(),
            facts.device().minor()));
  }

  private static boolean fits(String text) {
    return text.length() <= LONGEST_NAME && text.chars().allMatch(c -> c < 0x80);
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
  }

  // Seconds with a fraction, the sign before both.
  private static String decimal(Timestamp time) {
    java.math.BigDecimal seconds =
        java.math.BigDecimal.valueOf(time.seconds())
            .add(java.math.BigDecimal.valueOf(time.nanoseconds(), 9));
    return seconds.stripTrailingZeros().toPlainString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  // pax(1): the length of a record counts its own digits.
  private static byte[] records(Map<String, byte[]> values) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Map.Entry<String, byte[]> each : values.entrySet()) {
      int rest = each.getKey().length() + each.getValue().length + 3;
      int length = rest + 1;
      while (rest + Integer.toString(length).length() != length) {
        length++;
      }
      body.writeBytes(bytes(length + " " + each.getKey() + "="));
      body.writeBytes(each.getValue());
      body.write('\n');
    }
    return body.toByteArray();
  }

  private static byte[] record(
      String name,
      char type,
      String link,
      int mode,
      long uid,
      long gid,
      long size,
      long modified,
      int major,
      int minor) {
    byte[] record = new byte[RECORD];
    put(record, 0, name);
    octal(record, 100, 8, mode);
    octal(record, 108, 8, uid);
    octal(record, 116, 8, gid);
    octal(record, 124, 12, size);
    octal(record, 136, 12, modified);
    Arrays.fill(record, 148, 156, (byte) ' ');
    record[156] = (byte) type;
    put(record, 157, link);
    put(record, 257, "ustar\00000");
    octal(record, 329, 8, major);
    octal(record, 337, 8, minor);
    int sum = 0;
    for (byte b : record) {
      sum += b & 0xff;
    }
    octal(record, 148, 7, sum);
    return record;
  }

  private static void put(byte[] record, int offset, String text) {
    byte[] bytes = bytes(text);
    System.arraycopy(bytes, 0, record, offset, bytes.length);
  }

  private static void octal(byte[] record, int offset, int length, long value) {
    String digits = Long.toOctalString(value);
    put(record, offset, "0".repeat(length - 1 - digits.length()) + digits);
    record[offset + length - 1] = 0;
  }

  /** Ends the archive; the stream stays open. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * RECORD]);
  }
}
