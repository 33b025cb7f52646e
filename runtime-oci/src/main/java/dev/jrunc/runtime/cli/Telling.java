package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.container.Bundle;
import dev.jrunc.runtime.doctor.Diagnosis;
import dev.jrunc.runtime.doctor.DiagnosisJson;
import dev.jrunc.runtime.doctor.DiagnosisText;
import dev.jrunc.runtime.explain.Explanation;
import dev.jrunc.runtime.explain.PlanJson;
import dev.jrunc.runtime.explain.PlanText;
import dev.jrunc.runtime.inspection.Inspection;
import dev.jrunc.runtime.inspection.InspectionJson;
import dev.jrunc.runtime.inspection.InspectionText;
import dev.jrunc.runtime.inspection.Inspector;
import dev.jrunc.runtime.network.NetworkPlanner;
import dev.jrunc.runtime.network.NetworkRequest;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.runtime.support.FeaturesDocument;
import dev.jrunc.spec.FeaturesWriter;
import dev.jrunc.spec.Spec;

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

  /** Tells what was found about this host. */
  static Told diagnosis(Diagnosis diagnosis, Form form) {
    String text =
        form == Form.MACHINES ? json(DiagnosisJson.of(diagnosis)) : DiagnosisText.of(diagnosis);
    return new Told(text, diagnosis.runnable() ? 0 : 1);
  }

  /** Explains what {@code create} would do with the bundle at an absolute path. */
  Told plan(String bundle, NetworkRequest network, Form form) {
    PlanOptions options =
        new PlanOptions(
            bundle.substring(bundle.lastIndexOf('/') + 1),
            bundle,
            PlanOptions.Root.PIVOT,
            PlanOptions.Keyring.NEW,
            PlanOptions.Gate.WAIT,
            0,
            driver,
            network);
    Plan plan = Planner.plan(asked(Bundle.read(linux, bundle).spec(), network), options);
    Explanation explanation = Explanation.of(plan, options);
    String text =
        form == Form.MACHINES ? json(PlanJson.of(explanation, bundle)) : PlanText.of(explanation);
    return new Told(text, 0);
  }

  // As for create, with words in place of what only a container that is made has.
  private static Spec asked(Spec spec, NetworkRequest network) {
    String joined =
        switch (network.mode()) {
          case NAMESPACE -> network.name();
          case CONTAINER -> "/proc/PID-OF-" + network.name() + "/ns/net";
          default -> null;
        };
    String files = NetworkPlanner.hasNameFiles(network) ? "/STATE-OF-THE-CONTAINER" : "";
    return network.mode() == NetworkRequest.Mode.AS_CONFIGURED
        ? spec
        : NetworkPlanner.into(spec, network, joined, files);
  }

  private static String json(byte[] document) {
    return Utf8.decode(document) + "\n";
  }
}
