package dev.jrunc.runtime.inspection;

import dev.jrunc.spec.JsonOutput;
import java.io.IOException;

/** An inspection for machines; {@code docs/telling.md} has the form. */
public final class InspectionJson {
  private InspectionJson() {}

  /** The whole document. */
  public static byte[] of(Inspection inspection) {
    return JsonOutput.document(
        "  ",
        out -> {
          out.required("config", inspection.config());
          out.required("valid", inspection.valid());
          out.required("runnable", inspection.runnable());
          out.required("hostChecked", inspection.hostChecked());
          out.array("findings", inspection.findings(), f -> out.object(o -> finding(o, f)));
        });
  }

  private static void finding(JsonOutput out, Finding finding) throws IOException {
    out.required("kind", finding.kind().word());
    out.required("pointer", finding.at().pointer());
    out.required("line", finding.at().line());
    out.required("column", finding.at().column());
    out.required("message", finding.at().message());
    out.required("hint", finding.at().hint());
  }
}
