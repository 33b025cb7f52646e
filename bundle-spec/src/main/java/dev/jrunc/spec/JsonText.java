package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a document must be before it is looked into: small enough, and UTF-8. */
final class JsonText {
  /** The heap of the runtime is fixed, and a config is a few ten thousand bytes. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  static final int DEEPEST_NESTING = 64;

  private JsonText() {}

  static JsonParser parser(byte[] document) throws IOException {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(DEEPEST_NESTING).build())
        .build()
        .createParser(document);
  }

  /** Why {@code document} is refused unread; null if it is not. */
  static @Nullable Violation refusal(byte[] document) {
    if (document.length > MOST_BYTES) {
      return new Violation(
          "",
          0,
          0,
          "the document has " + document.length + " bytes, more than " + MOST_BYTES,
          "a config this large is a mistake; move data into files and mount them");
    }
    if (document.length >= 3 && (document[0] & 0xff) == 0xef && (document[1] & 0xff) == 0xbb) {
      return new Violation(
          "", 1, 1, "the document starts with a byte order mark", "save it as plain UTF-8");
    }
    int bad = firstBadByte(document);
    return bad < 0 ? null : notUtf8(document, bad);
  }

  private static Violation notUtf8(byte[] document, int offset) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < offset; i++) {
      column++;
      if (document[i] == '\n') {
        line++;
        column = 1;
      }
    }
    return new Violation(
        "",
        line,
        column,
        "byte " + (document[offset] & 0xff) + " at offset " + offset + " is not UTF-8 text",
        "save the document as plain UTF-8");
  }

  /**
   * The first byte that starts no well-formed sequence (Unicode table 3-7: no overlong forms, no
   * surrogates), -1 if there is none. NUL counts as bad: a document with it is UTF-16 or binary,
   * and the parser would otherwise guess.
   */
  private static int firstBadByte(byte[] d) {
    int i = 0;
    while (i < d.length) {
      int b = d[i];
      if (b > 0) {
        i++;
        continue;
      }
      b &= 0xff;
      int second = i + 1 < d.length ? d[i + 1] & 0xff : 0;
      int more;
      int least = 0x80;
      int most = 0xbf;
      if (b >= 0xc2 && b <= 0xdf) {
        more = 1;
      } else if (b >= 0xe0 && b <= 0xef) {
        more = 2;
        least = b == 0xe0 ? 0xa0 : least;
        most = b == 0xed ? 0x9f : most;
      } else if (b >= 0xf0 && b <= 0xf4) {
        more = 3;
        least = b == 0xf0 ? 0x90 : least;
        most = b == 0xf4 ? 0x8f : most;
      } else {
        return i;
      }
      if (second < least || second > most || i + more >= d.length) {
        return i;
      }
      for (int k = 2; k <= more; k++) {
        if ((d[i + k] & 0xc0) != 0x80) {
          return i;
        }
      }
      i += more + 1;
    }
    return -1;
  }

  /** Why {@code text} cannot go through a C string and UTF-8; null if it can. */
  static @Nullable String unusable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "a string with a NUL character cannot be handed to the kernel";
      }
      if (c >= 0xd800 && c <= 0xdfff) {
        boolean pair =
            c < 0xdc00 && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return "a string with half a surrogate pair is no text";
        }
        i++;
      }
    }
    return null;
  }
}
