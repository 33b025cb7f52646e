package dev.jrunc.spec;

import java.util.Arrays;

/**
 * The known fields met so far in each object that is open, one object behind the other: few, and so
 * quicker to look through than a set for each object.
 */
final class FieldNames {
  private final int[] starts = new int[JsonText.DEEPEST_NESTING + 1];
  private int depth;
  private String[] names = new String[64];
  private int end;
  private int endOfLeft;

  void enter() {
    starts[depth++] = end;
  }

  /** Notes a field of the object entered last; false if it was met before. */
  boolean meet(String name) {
    for (int i = starts[depth - 1]; i < end; i++) {
      if (names[i].equals(name)) {
        return false;
      }
    }
    if (end == names.length) {
      names = Arrays.copyOf(names, names.length * 2);
    }
    names[end++] = name;
    return true;
  }

  /** Forgets the field met last: there may be any number of unknown ones, and none matters. */
  void forget() {
    end--;
  }

  void leave() {
    endOfLeft = end;
    end = starts[--depth];
  }

  /** Whether the object left last had the field. */
  boolean leftHad(String name) {
    for (int i = end; i < endOfLeft; i++) {
      if (names[i].equals(name)) {
        return true;
      }
    }
    return false;
  }
}
