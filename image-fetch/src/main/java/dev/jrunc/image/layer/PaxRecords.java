package dev.jrunc.image.layer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The records of a PAX extended header, "LENGTH KEY=VALUE\n" in pax(1), with the values as bytes:
 * those of extended attributes are no text.
 */
final class PaxRecords {
  private PaxRecords() {}

  static Map<String, byte[]> parse(byte[] body) throws IOException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    for (int at = 0; at < body.length && body[at] != 0; ) {
      int digits = at;
      int length = 0;
      while (digits < body.length && body[digits] >= '0' && body[digits] <= '9') {
        length = Math.min(length * 10 + body[digits++] - '0', body.length + 1);
      }
      int end = at + length;
      int equals = digits;
      while (equals < Math.min(end, body.length) && body[equals] != '=') {
        equals++;
      }
      boolean whole = end <= body.length && equals > digits + 1 && equals < end - 1;
      if (!whole || body[digits] != ' ' || body[end - 1] != '\n') {
        throw new IOException("malformed PAX record at byte " + at + " of its header");
      }
      String key = new String(body, digits + 1, equals - digits - 1, StandardCharsets.ISO_8859_1);
      if (key.indexOf('\0') >= 0) {
        throw new IOException("malformed PAX record: a NUL in the name of \"" + key + "\"");
      }
      if (equals + 1 == end - 1) {
        records.remove(key); // pax(1): of zero length, it takes back what was said before.
      } else {
        records.put(key, Arrays.copyOfRange(body, equals + 1, end - 1));
      }
      at = end;
    }
    return records;
  }
}
