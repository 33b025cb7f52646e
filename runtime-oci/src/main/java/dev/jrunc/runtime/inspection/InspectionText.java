package dev.jrunc.runtime.inspection;

import dev.jrunc.runtime.explain.Printable;
import dev.jrunc.spec.Violation;

/** An inspection for people: a line each, in the form by which editors find the place. */
public final class InspectionText {
  private InspectionText() {}

  /** The whole text, with a sentence that sums it up at the end. */
  public static String of(Inspection inspection) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : inspection.findings()) {
      line(text, inspection.config(), finding);
    }
    text.append(inspection.config()).append(": ").append(summary(inspection)).append('\n');
    return text.toString();
  }

  private static void line(StringBuilder text, String config, Finding finding) {
    Violation at = finding.at();
    text.append(config);
    if (at.line() > 0) {
      text.append(':').append(at.line()).append(':').append(at.column());
    }
    text.append(": ");
    if (finding.kind() != Finding.Kind.VIOLATION) {
      text.append(finding.kind().word()).append(": ");
    }
    if (!at.pointer().isEmpty()) {
      Printable.append(text, at.pointer());
      text.append(": ");
    }
    Printable.append(text, at.message());
    if (!at.hint().isEmpty()) {
      text.append("\n  hint: ");
      Printable.append(text, at.hint());
    }
    text.append('\n');
  }

  private static String summary(Inspection inspection) {
    if (inspection.runnable()) {
      return "valid, and this host has what it asks for"
          + counted(inspection, Finding.Kind.NOTE, " note", " notes");
    }
    String first = inspection.valid() ? "valid" : "not valid";
    return first
        + counted(inspection, Finding.Kind.VIOLATION, " violation", " violations")
        + counted(
            inspection, Finding.Kind.HOST, " thing this host lacks", " things this host lacks")
        + counted(
            inspection, Finding.Kind.RUNTIME, " thing jrunc cannot do", " things jrunc cannot do")
        + counted(inspection, Finding.Kind.NOTE, " note", " notes")
        + (inspection.hostChecked() ? "" : "; this host was not looked at");
  }

  private static String counted(
      Inspection inspection, Finding.Kind kind, String one, String several) {
    int count = inspection.count(kind);
    return count == 0 ? "" : "; " + count + (count == 1 ? one : several);
  }
}
