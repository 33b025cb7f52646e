package dev.jrunc.runtime.inspection;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects findings, and in the end gives them lines and the order of the document. */
final class Collector {
  // As many as a reader lists: only a hostile document has more.
  private static final int MOST = 1000;

  private final List<Finding> placed = new ArrayList<>();
  private final Map<Finding.Kind, List<Violation>> loose = new LinkedHashMap<>();

  /** What the reader found: it has its place already. */
  void placed(Finding.Kind kind, List<Violation> found) {
    for (Violation violation : found) {
      placed.add(new Finding(kind, violation));
    }
  }

  void host(String pointer, String message, String hint) {
    add(Finding.Kind.HOST, pointer, message, hint);
  }

  void runtime(String pointer, String message, String hint) {
    add(Finding.Kind.RUNTIME, pointer, message, hint);
  }

  void note(String pointer, String message, String hint) {
    add(Finding.Kind.NOTE, pointer, message, hint);
  }

  /** What a part of the runtime would refuse. */
  void refusal(Failure failure) {
    Finding.Kind kind =
        switch (failure.code()) {
          case INVALID_CONFIG -> Finding.Kind.VIOLATION;
          case UNSUPPORTED ->
              failure.phase().equals("cgroup") ? Finding.Kind.HOST : Finding.Kind.RUNTIME;
          default -> Finding.Kind.HOST;
        };
    add(kind, failure.pointer(), String.valueOf(failure.getMessage()), failure.ownHint());
  }

  private void add(Finding.Kind kind, String pointer, String message, String hint) {
    List<Violation> list = loose.computeIfAbsent(kind, k -> new ArrayList<>());
    if (list.size() < MOST) {
      list.add(new Violation(pointer, 0, 0, message, hint));
    }
  }

  List<Finding> inOrder(byte[] document) {
    List<Finding> all = new ArrayList<>(placed);
    for (Finding.Kind kind : Finding.Kind.values()) {
      for (Violation found : SpecReader.placed(loose.getOrDefault(kind, List.of()), document)) {
        all.add(new Finding(kind, found));
      }
    }
    all.sort(
        Comparator.comparingInt((Finding f) -> f.at().line())
            .thenComparingInt(f -> f.at().column()));
    return all;
  }
}
