package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.container.Bundle;
import dev.jrunc.runtime.explain.Explanation;
import dev.jrunc.runtime.explain.PlanJson;
import dev.jrunc.runtime.explain.PlanText;
import dev.jrunc.runtime.inspection.Inspection;
import dev.jrunc.runtime.inspection.InspectionJson;
import dev.jrunc.runtime.inspection.InspectionText;
import dev.jrunc.runtime.inspection.Inspector;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.runtime.support.FeaturesDocument;
import dev.jrunc.spec.FeaturesWriter;

/** The commands that only tell something and change nothing; they need no privilege. */
final class Telling {

  /** What is printed, and the exit code. */
  record Told(String text, int code) {}

  /** For whom an answer is. */
  enum Form {
    PEOPLE,
    MACHINES
  }

  private final Linux linux;
  private final SeccompKnowledge seccomp;
  private final PlanOptions.Driver driver;

  /**
   * @param driver who would make the cgroups
   */
  Telling(Linux linux, SeccompKnowledge seccomp, PlanOptions.Driver driver) {
    this.linux = linux;
    this.seccomp = seccomp;
    this.driver = driver;
  }

  Told features() {
    FeaturesDocument document = new FeaturesDocument(seccomp, Version.NUMBER);
    return new Told(json(FeaturesWriter.features(document.features(), "    ")), 0);
  }

  /** Judges the bundle at an absolute path. */
  Told validate(String bundle, Form form) {
    Inspection inspection = new Inspector(linux, seccomp, driver).inspect(bundle);
    String text =
        form == Form.MACHINES ? json(InspectionJson.of(inspection)) : InspectionText.of(inspection);
    return new Told(text, inspection.runnable() ? 0 : 1);
  }

  /** Explains what {@code create} would do with the bundle at an absolute path. */
  Told plan(String bundle, Form form) {
    PlanOptions options =
        new PlanOptions(
            bundle.substring(bundle.lastIndexOf('/') + 1),
            bundle,
            PlanOptions.Root.PIVOT,
            PlanOptions.Keyring.NEW,
            PlanOptions.Gate.WAIT,
            0,
            driver);
    Plan plan = Planner.plan(Bundle.read(linux, bundle).spec(), options);
    Explanation explanation = Explanation.of(plan, options);
    String text =
        form == Form.MACHINES ? json(PlanJson.of(explanation, bundle)) : PlanText.of(explanation);
    return new Told(text, 0);
  }

  private static String json(byte[] document) {
    return Utf8.decode(document) + "\n";
  }
}
