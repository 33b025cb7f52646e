package dev.jrunc.runtime.doctor;

import java.util.List;

/**
 * All that was found.
 *
 * @param uid the effective user it is about
 */
public record Diagnosis(long uid, List<Check> checks) {
  public Diagnosis {
    checks = List.copyOf(checks);
  }

  /** Whether nothing is known that keeps every container from running here. */
  public boolean runnable() {
    return count(Check.Status.MISSING) == 0;
  }

  int count(Check.Status status) {
    int count = 0;
    for (Check check : checks) {
      count += check.status() == status ? 1 : 0;
    }
    return count;
  }
}
