package dev.jrunc.image.layer;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What holds the content of files between whoever reads it from a layer and whoever writes it: so
 * many of each size, which come back. Not safe to share, its owner has a lock.
 */
final class ContentBuffers {
  /** Larger files come in pieces of this size, so that none is held whole. */
  static final int LARGEST = 1 << 20;

  private static final int SMALL = 64 * 1024;
  private static final int MOST_SMALL = 96;
  private static final int MOST_LARGE = 12;

  private final Deque<byte[]> smallFree = new ArrayDeque<>();
  private final Deque<byte[]> largeFree = new ArrayDeque<>();
  private int smallMade;
  private int largeMade;

  boolean hasSmall() {
    return !smallFree.isEmpty() || smallMade < MOST_SMALL;
  }

  boolean hasLarge() {
    return !largeFree.isEmpty() || largeMade < MOST_LARGE;
  }

  byte[] small() {
    byte[] back = smallFree.poll();
    if (back != null) {
      return back;
    }
    smallMade++;
    return new byte[SMALL];
  }

  byte[] large() {
    byte[] back = largeFree.poll();
    if (back != null) {
      return back;
    }
    largeMade++;
    return new byte[LARGEST];
  }

  void back(byte[] buffer) {
    (buffer.length == SMALL ? smallFree : largeFree).push(buffer);
  }

  /** For more than one file, or whoever waits for a buffer would be woken for each. */
  boolean haveRoom() {
    return smallFree.size() + MOST_SMALL - smallMade >= MOST_SMALL / 4
        && largeFree.size() + MOST_LARGE - largeMade >= MOST_LARGE / 4;
  }
}
