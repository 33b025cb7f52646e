package dev.jrunc.conformance.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Times of one command of one contender, in ms. */
final class Series {
  private final List<Double> times = new ArrayList<>();

  void add(double millis) {
    times.add(millis);
  }

  double median() {
    List<Double> sorted = sorted();
    return sorted.get(sorted.size() / 2);
  }

  private List<Double> sorted() {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted;
  }

  /** The smallest and the largest, with so many digits behind the point. */
  String range(int digits) {
    List<Double> sorted = sorted();
    String form = "%." + digits + "f";
    return String.format(
        Locale.ROOT, "[" + form + "-" + form + "]", sorted.get(0), sorted.get(sorted.size() - 1));
  }

  /** The median and the range. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.1f ", median()) + range(1);
  }
}
