package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.explain.Printable;

/**
 * A diagnosis for people: a line for each check, and one below it where something is to be done.
 */
public final class DiagnosisText {
  private static final int WIDTH = 9;

  private DiagnosisText() {}

  /** The whole text, with a sentence that sums it up at the end. */
  public static String of(Diagnosis diagnosis) {
    StringBuilder text = new StringBuilder();
    for (Check check : diagnosis.checks()) {
      line(text, check);
    }
    String who = diagnosis.uid() == 0 ? "root" : "user " + diagnosis.uid();
    text.append(who).append(diagnosis.runnable() ? " can run" : " cannot run");
    text.append(" containers here");
    counted(text, diagnosis.count(Check.Status.MISSING), "missing");
    counted(text, diagnosis.count(Check.Status.LIMITED), "limited");
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, Check check) {
    String word = check.status().word();
    text.append(word);
    for (int i = word.length(); i < WIDTH; i++) {
      text.append(' ');
    }
    text.append(check.name()).append(": ");
    Printable.append(text, check.what());
    if (!check.mend().isEmpty()) {
      text.append("\n  mend: ");
      Printable.append(text, check.mend());
    }
    text.append('\n');
  }

  private static void counted(StringBuilder text, int count, String word) {
    if (count > 0) {
      text.append("; ").append(count).append(' ').append(word);
    }
  }
}
