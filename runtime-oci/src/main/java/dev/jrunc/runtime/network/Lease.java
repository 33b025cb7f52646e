package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one container has of a bridge.
 *
 * @param index of its address in the pool
 * @param link name of the host's end of its pair of devices; nobody else's has it
 * @param maker the process that made the container: while it lives the container may be half made
 */
record Lease(
    int index, String link, ProcessIdentity maker, String container, List<PublishedPort> ports) {
  private static final String NO_PORTS = "-";
  private static final int WORDS = 6;

  Lease {
    ports = List.copyOf(ports);
  }

  /** As it stands in the file. */
  String line() {
    StringBuilder text = new StringBuilder(96);
    text.append(LeaseLines.LEASE).append(index).append(' ').append(link).append(' ');
    text.append(maker.pid()).append(' ').append(maker.startTime()).append(' ');
    String written = PublishedPort.written(ports);
    text.append(container).append(' ').append(written.isEmpty() ? NO_PORTS : written);
    return text.append('\n').toString();
  }

  /** Reads the words of {@link #line} behind the first; null where they are none. */
  static @Nullable Lease parse(String text) {
    String[] words = new String[WORDS];
    int from = 0;
    for (int i = 0; i < WORDS; i++) {
      int space = text.indexOf(' ', from);
      int end = space < 0 ? text.length() : space;
      if (end == from || (space < 0) != (i == WORDS - 1)) {
        return null;
      }
      words[i] = text.substring(from, end);
      from = end + 1;
    }
    long index = number(words[0]);
    long pid = number(words[2]);
    long start = number(words[3]);
    if (index < 0 || pid < 0 || start < 0) {
      return null;
    }
    try {
      return new Lease(
          (int) index,
          words[1],
          new ProcessIdentity((int) pid, start),
          ContainerId.parse(words[4]).text(),
          words[5].equals(NO_PORTS) ? List.of() : PublishedPort.readAll(words[5]));
    } catch (Failure e) {
      return null;
    }
  }

  /** The number of a word, -1 where it is none. */
  static long number(String word) {
    if (word.isEmpty() || word.length() >= 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }
}
