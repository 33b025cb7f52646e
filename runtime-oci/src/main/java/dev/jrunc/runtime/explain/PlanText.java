package dev.jrunc.runtime.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An explanation for people: numbered, and with the reason where a kind of step is new. */
public final class PlanText {
  private PlanText() {}

  /** The whole text. */
  public static String of(Explanation explanation) {
    StringBuilder text = new StringBuilder();
    for (Explanation.Part part : explanation.parts()) {
      text.append(text.isEmpty() ? "" : "\n");
      text.append(part.process()).append(" (").append(part.text()).append(")\n");
      List<String> told = new ArrayList<>();
      int number = 0;
      for (Act act : part.acts()) {
        line(text, ++number, act);
        if (!told.contains(act.reason())) {
          text.append("         why: ").append(act.reason()).append('\n');
          told.add(act.reason());
        }
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, int number, Act act) {
    text.append(number < 10 ? "    " : number < 100 ? "   " : "  ").append(number).append(". ");
    text.append(act.name());
    for (Map.Entry<String, String> detail : act.detail().entrySet()) {
      text.append("  ").append(detail.getKey()).append('=');
      Printable.append(text, detail.getValue());
    }
    if (!act.pointer().isEmpty()) {
      text.append("  [");
      Printable.append(text, act.pointer());
      text.append(']');
    }
    text.append('\n');
  }
}
