package dev.jrunc.runtime.explain;

import dev.jrunc.spec.JsonOutput;
import java.io.IOException;
import java.util.Map;

/** An explanation for machines; {@code docs/telling.md} has the form. */
public final class PlanJson {
  private PlanJson() {}

  /** The whole document. */
  public static byte[] of(Explanation explanation, String bundle) {
    return JsonOutput.document(
        "  ",
        out -> {
          out.required("bundle", bundle);
          out.array("processes", explanation.parts(), p -> out.object(o -> part(o, p)));
        });
  }

  private static void part(JsonOutput out, Explanation.Part part) throws IOException {
    out.required("process", part.process());
    out.array("steps", part.acts(), act -> out.object(o -> act(o, act)));
  }

  private static void act(JsonOutput out, Act act) throws IOException {
    out.required("step", act.name());
    out.required("pointer", act.pointer());
    out.object(
        "detail",
        o -> {
          for (Map.Entry<String, String> detail : act.detail().entrySet()) {
            o.required(detail.getKey(), detail.getValue());
          }
        });
    out.required("reason", act.reason());
  }
}
