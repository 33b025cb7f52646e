package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.Arrays;

/**
 * The leases of a file as they stand there, a line each. Whoever puts one container on a bridge
 * needs to know which addresses are taken and where one line is, not what all the others say: with
 * 200 of them, to make a record of each took as long as to make the pair of devices.
 */
final class LeaseLines {
  static final String LEASE = "lease ";

  /** Words of each line behind the first: index, link, pid, start time, container, ports. */
  private static final int WORDS = 6;

  private static final int CONTAINER = 4;
  private static final byte[] WORD = Utf8.encode(LEASE);

  private final byte[] text;
  private int count;
  // Of each line: where it begins, the index it gives, where the container's name is, and whether
  // it has more words than most.
  private int[] starts = new int[16];
  private int[] indexes = new int[16];
  private int[] names = new int[16];
  private boolean[] longer = new boolean[16];

  private LeaseLines(byte[] text) {
    this.text = text;
  }

  /**
   * Looks over the lines.
   *
   * @param size of the pool: each index is below it, and of one line only
   * @param damaged what to throw for the line of a number, the first being 0
   */
  static LeaseLines scan(byte[] text, int size, Damage damaged) {
    LeaseLines lines = new LeaseLines(text);
    boolean[] taken = new boolean[size];
    int at = 0;
    while (at < text.length) {
      int next = lines.line(at, taken);
      if (next < 0) {
        throw damaged.at(lines.count);
      }
      at = next;
      lines.count++;
    }
    return lines;
  }

  /** Makes the failure for a line. */
  interface Damage {
    Failure at(int line);
  }

  // Where the next line begins, -1 for one that is no lease.
  private int line(int start, boolean[] taken) {
    int at = start;
    for (byte expected : WORD) {
      if (at >= text.length || text[at++] != expected) {
        return -1;
      }
    }
    int index = 0;
    while (at < text.length && text[at] >= '0' && text[at] <= '9' && index < taken.length) {
      index = 10 * index + (text[at++] - '0');
    }
    boolean number = at > start + WORD.length && index < taken.length;
    if (!number || taken[index] || at >= text.length || text[at] != ' ') {
      return -1;
    }
    taken[index] = true;
    ensure();
    starts[count] = start;
    indexes[count] = index;
    int word = 1;
    int begun = ++at;
    while (at < text.length && text[at] != '\n') {
      if (text[at++] == ' ') {
        if (at - 1 == begun) {
          return -1;
        }
        begun = at;
        word++;
        if (word == CONTAINER) {
          names[count] = at;
        }
      }
    }
    longer[count] = word + 1 > WORDS;
    return at >= text.length || at == begun || word + 1 < WORDS ? -1 : at + 1;
  }

  private void ensure() {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      indexes = Arrays.copyOf(indexes, 2 * count);
      names = Arrays.copyOf(names, 2 * count);
      longer = Arrays.copyOf(longer, 2 * count);
    }
  }

  int count() {
    return count;
  }

  int index(int line) {
    return indexes[line];
  }

  /** Whether a line says more than index, link, maker, container and ports. */
  boolean longer(int line) {
    return longer[line];
  }

  /** A line's words without the first and without its end. */
  String words(int line) {
    int start = starts[line] + WORD.length;
    return Utf8.decode(text, start, end(line) - 1 - start);
  }

  private int end(int line) {
    return line + 1 < count ? starts[line + 1] : text.length;
  }

  /** The line of a container, -1 if it has none. */
  int of(String container) {
    byte[] name = Utf8.encode(container);
    for (int line = 0; line < count; line++) {
      int at = names[line];
      int i = 0;
      while (i < name.length && at + i < text.length && text[at + i] == name[i]) {
        i++;
      }
      if (i == name.length && at + i < text.length && text[at + i] == ' ') {
        return line;
      }
    }
    return -1;
  }

  /** All lines as they are written but for one; all of them where that is negative. */
  byte[] without(int line) {
    if (line < 0) {
      return text;
    }
    int cut = starts[line];
    int on = end(line);
    byte[] others = Arrays.copyOf(text, cut + text.length - on);
    System.arraycopy(text, on, others, cut, text.length - on);
    return others;
  }
}
