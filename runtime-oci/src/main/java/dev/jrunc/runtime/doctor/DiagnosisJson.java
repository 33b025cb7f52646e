package dev.jrunc.runtime.doctor;

import dev.jrunc.spec.JsonOutput;
import java.io.IOException;

/** A diagnosis for machines; {@code docs/telling.md} has the form. */
public final class DiagnosisJson {
  private DiagnosisJson() {}

  /** The whole document. */
  public static byte[] of(Diagnosis diagnosis) {
    return JsonOutput.document(
        "  ",
        out -> {
          out.required("runnable", diagnosis.runnable());
          out.required("uid", diagnosis.uid());
          out.array("checks", diagnosis.checks(), check -> out.object(o -> check(o, check)));
        });
  }

  private static void check(JsonOutput out, Check check) throws IOException {
    out.required("name", check.name());
    out.required("status", check.status().word());
    out.required("what", check.what());
    out.required("mend", check.mend());
  }
}
