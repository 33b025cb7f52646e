package dev.jrunc.spec;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one document, and what is legal but probably not meant. */
final class Findings {
  // Only a hostile document has more, and each costs memory.
  private static final int MOST = 1000;

  private final List<Violation> violations = new ArrayList<>();
  private final List<Violation> notes = new ArrayList<>();
  private int dropped;
  private int foundByReading = -1;

  void violation(Violation violation) {
    if (violations.size() < MOST) {
      violations.add(violation);
    } else {
      dropped++;
    }
  }

  void note(Violation note) {
    if (notes.size() < MOST) {
      notes.add(note);
    }
  }

  /** From here on the rules speak, which stay silent about values that could not be read. */
  void endOfReading() {
    foundByReading = violations.size();
  }

  /** What a rule across fields found; its line is looked up later. */
  void rule(String pointer, String message, String hint) {
    if (!isCovered(pointer)) {
      violation(new Violation(pointer, 0, 0, message, hint));
    }
  }

  /** What a rule finds odd. */
  void remark(String pointer, String message, String hint) {
    if (!isCovered(pointer)) {
      note(new Violation(pointer, 0, 0, message, hint));
    }
  }

  /** Whether the reader found something wrong inside the value at {@code pointer}. */
  boolean isDoubtful(String pointer) {
    for (int i = 0; i < readerFound(); i++) {
      String found = violations.get(i).pointer();
      if (found.equals(pointer) || found.startsWith(pointer + "/")) {
        return true;
      }
    }
    return false;
  }

  List<Violation> violations() {
    return violations;
  }

  /** How many violations there are beside those that are listed. */
  int unlisted() {
    return dropped;
  }

  List<Violation> notes() {
    return notes;
  }

  // A value that could not be read, or that lies in one, is missing because of that.
  private boolean isCovered(String pointer) {
    for (int i = 0; i < readerFound(); i++) {
      String found = violations.get(i).pointer();
      if (found.equals(pointer) || (!found.isEmpty() && pointer.startsWith(found + "/"))) {
        return true;
      }
    }
    return false;
  }

  private int readerFound() {
    return foundByReading < 0 ? violations.size() : foundByReading;
  }
}
