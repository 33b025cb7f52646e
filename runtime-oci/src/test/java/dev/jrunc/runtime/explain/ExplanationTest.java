package dev.jrunc.runtime.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.plan.StepName;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final PlanOptions OPTIONS =
      new PlanOptions(
          "web",
          "/srv/web",
          PlanOptions.Root.PIVOT,
          PlanOptions.Keyring.NEW,
          PlanOptions.Gate.WAIT,
          0,
          PlanOptions.Driver.CGROUPFS,
          dev.jrunc.runtime.network.NetworkRequest.asConfigured());

  private static Explanation of(Spec spec) {
    return Explanation.of(Planner.plan(spec, OPTIONS), OPTIONS);
  }

  private static Spec everything() throws IOException {
    Path file = Path.of("../bundle-spec/src/test/resources/golden/config/everything.json");
    // Without what is not planned yet.
    String text = Files.readString(file).replace("\"idmap\"", "\"rw\"");
    Spec spec =
        SpecReader.readConfig(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)).valid();
    return new Spec(
        spec.ociVersion(),
        spec.process(),
        spec.root(),
        spec.hostname(),
        spec.domainname(),
        List.of(spec.mounts().get(0)),
        spec.hooks(),
        spec.annotations(),
        spec.linux());
  }

  private static List<String> names(Explanation.Part part) {
    return part.acts().stream().map(Act::name).toList();
  }

  @Test
  void theStepsOfTheContainerAreThoseOfThePlan() {
    Plan plan = Planner.plan(DefaultSpec.forRoot(false), OPTIONS);
    assertEquals(
        plan.steps().stream().map(StepName::of).toList(),
        names(Explanation.of(plan, OPTIONS).parts().get(1)));
  }

  @Test
  void theDefaultConfigNeedsNoStage() {
    assertEquals(
        List.of("create", "container", "start"),
        of(DefaultSpec.forRoot(false)).parts().stream().map(Explanation.Part::process).toList());
  }

  @Test
  void aTimeNamespaceTakesAStage() throws IOException {
    Explanation.Part stage = of(everything()).parts().get(1);
    assertEquals("stage", stage.process());
    assertTrue(names(stage).contains("set clock"), names(stage).toString());
    assertEquals("make process", names(stage).getLast());
  }

  @Test
  void everyActHasItsReasonAndTheSameOneForAName() throws IOException {
    for (Explanation.Part part : of(everything()).parts()) {
      for (Act act : part.acts()) {
        assertFalse(act.reason().isEmpty(), act.name());
        for (Act other : part.acts()) {
          assertTrue(!act.name().equals(other.name()) || act.reason().equals(other.reason()));
        }
      }
    }
  }

  @Test
  void theEnvironmentIsNotShown() throws IOException {
    Spec spec = everything();
    String variable = java.util.Objects.requireNonNull(spec.process()).env().get(0);
    assertFalse(PlanText.of(of(spec)).contains(variable), variable);
  }

  @Test
  void theTextSaysAReasonOnceForAKind() {
    String text = PlanText.of(of(DefaultSpec.forRoot(false)));
    assertTrue(text.startsWith("create (this process)\n    1. read config\n"), text);
    assertTrue(
        text.contains(
            "mount file system  type=proc  source=proc  destination=/proc  [/mounts/0]\n"),
        text);
    assertEquals(
        text.indexOf("in the order of the config"), text.lastIndexOf("in the order of the config"));
  }

  @Test
  void controlCharactersAreNotPrinted() {
    StringBuilder text = new StringBuilder();
    Printable.append(text, "a\u001b[2J\n\u009b\u00e4");
    assertEquals("a\\u001b[2J\\u000a\\u009b\u00e4", text.toString());
  }
}
