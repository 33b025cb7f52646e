package dev.jrunc.conformance.bench;

import java.util.List;
import java.util.Locale;

/** Prints lines of Markdown: the first contender, then each peer and the first's part of it. */
final class Table {
  Table(List<Contender> contenders) {
    StringBuilder head = new StringBuilder("| what | " + contenders.get(0).name() + " |");
    StringBuilder rule = new StringBuilder("|---|---|");
    for (Contender peer : contenders.subList(1, contenders.size())) {
      head.append(' ').append(peer.name()).append(" | ratio |");
      rule.append("---|---|");
    }
    System.out.println(head);
    System.out.println(rule);
  }

  void times(String what, List<Series> series) {
    line(
        what,
        series.stream().map(Series::toString).toList(),
        series.stream().map(Series::median).toList());
  }

  void kibibytes(String what, List<Long> sizes) {
    line(
        what + ", KiB",
        sizes.stream().map(String::valueOf).toList(),
        sizes.stream().map(Long::doubleValue).toList());
  }

  private static void line(String what, List<String> shown, List<Double> values) {
    StringBuilder line = new StringBuilder("| " + what + " | " + shown.get(0) + " |");
    for (int i = 1; i < shown.size(); i++) {
      String ratio = String.format(Locale.ROOT, "%.2f", values.get(0) / values.get(i));
      line.append(' ').append(shown.get(i)).append(" | ").append(ratio).append(" |");
    }
    System.out.println(line);
  }
}
