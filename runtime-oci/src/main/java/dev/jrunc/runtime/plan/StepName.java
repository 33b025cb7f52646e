package dev.jrunc.runtime.plan;

import dev.jrunc.runtime.network.NetworkStep;

/** What a kind of step is called in failures, explanations and traces. */
public final class StepName {
  private StepName() {}

  /** The words of the record's name, for example {@code mount file system}. */
  public static String of(Step step) {
    return words(step.getClass().getSimpleName());
  }

  /** As for a step of the container's process. */
  public static String of(NetworkStep step) {
    return words(step.getClass().getSimpleName());
  }

  private static String words(String name) {
    StringBuilder words = new StringBuilder(name.length() + 4);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        words.append(i == 0 ? "" : " ").append((char) (c + 32));
      } else {
        words.append(c);
      }
    }
    return words.toString();
  }
}
