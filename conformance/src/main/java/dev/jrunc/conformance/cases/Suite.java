package dev.jrunc.conformance.cases;

import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs all cases and counts. */
public final class Suite {
  private int passed;
  private int failed;
  private int skipped;

  private Suite() {}

  /** Whether nothing failed; prints a line a case and the count at the end. */
  public static boolean run(Path runtime, Path jimage, String filter) {
    Suite suite = new Suite();
    List<Case> cases = new ArrayList<>();
    cases.addAll(LifecycleCases.all());
    cases.addAll(ControlCases.all());
    cases.addAll(UpdateCases.all());
    cases.addAll(EventCases.all());
    cases.addAll(ExecCases.all());
    cases.addAll(CreateCases.all());
    cases.addAll(ErrorCases.all());
    cases.addAll(MalformedCases.all());
    cases.addAll(StateCases.all());
    cases.addAll(NamespaceCases.all());
    cases.addAll(FileSystemCases.all());
    cases.addAll(ProcessCases.all());
    cases.addAll(CgroupCases.all());
    cases.addAll(HookCases.all());
    cases.addAll(SecurityCases.all());
    cases.addAll(TellCases.all());
    int number = 0;
    for (Case each : cases) {
      number++;
      if (each.name().contains(filter)) {
        suite.run(each, runtime, "t" + number);
      }
    }
    if (Files.isRegularFile(jimage)) {
      for (ImageCases.ImageCase each : ImageCases.all()) {
        if (each.name().contains(filter)) {
          suite.count(each.name(), () -> ImageCases.run(each, jimage.toAbsolutePath(), runtime));
        }
      }
    }
    System.out.println(
        suite.passed + " passed, " + suite.failed + " failed, " + suite.skipped + " skipped");
    return suite.failed == 0;
  }

  private void run(Case each, Path runtime, String place) {
    count(
        each.name() + " [" + each.source() + "]",
        () -> {
          try (Sandbox sandbox = Sandbox.open(runtime, place)) {
            each.body().run(sandbox);
          }
        });
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private void count(String name, Attempt attempt) {
    try {
      attempt.run();
      passed++;
      System.out.println("ok   " + name);
    } catch (Expect.Skipped e) {
      skipped++;
      System.out.println("skip " + name + ": " + e.getMessage());
    } catch (Exception e) {
      failed++;
      System.out.println("FAIL " + name + ": " + e);
    }
  }
}
