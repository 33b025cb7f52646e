package dev.jrunc.conformance.cases;

import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs all cases, some beside each other, and counts. */
public final class Suite {
  private static final int LONGEST_MINUTES = 60;

  private final Path runtime;
  private int passed;
  private int failed;
  private int skipped;

  private Suite(Path runtime) {
    this.runtime = runtime;
  }

  /** Those about jimage. */
  static List<ImageCases.ImageCase> imageCases() {
    return Stream.of(
            ImageCases.all(),
            BundleCases.all(),
            SharedLayerCases.all(),
            HalfwayCases.all(),
            UserBundleCases.all(),
            TreeCases.all(),
            WordCases.all(),
            RegistryCases.all(),
            CredentialCases.all(),
            CopyCases.all(),
            JsonCases.all(),
            SignatureCases.all())
        .flatMap(List::stream)
        .toList();
  }

  /** Every case of a runtime. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    cases.addAll(LifecycleCases.all());
    cases.addAll(ControlCases.all());
    cases.addAll(UpdateCases.all());
    cases.addAll(EventCases.all());
    cases.addAll(ExecCases.all());
    cases.addAll(ExecEndCases.all());
    cases.addAll(CreateCases.all());
    cases.addAll(CallerCases.all());
    cases.addAll(InterruptionCases.all());
    cases.addAll(EngineLineCases.all());
    cases.addAll(ErrorCases.all());
    cases.addAll(MalformedCases.all());
    cases.addAll(StateCases.all());
    cases.addAll(NamespaceCases.all());
    cases.addAll(HostMountCases.all());
    cases.addAll(FileSystemCases.all());
    cases.addAll(IdMapCases.all());
    cases.addAll(ProcessCases.all());
    cases.addAll(AgentCases.all());
    cases.addAll(CgroupCases.all());
    cases.addAll(SystemdCases.without());
    cases.addAll(HookCases.all());
    cases.addAll(RuncCases.all());
    cases.addAll(SecurityCases.all());
    cases.addAll(WeaknessCases.all());
    cases.addAll(RaceCases.all());
    cases.addAll(RootlessCases.all());
    cases.addAll(RootlessGroupCases.all());
    cases.addAll(TellCases.all());
    cases.addAll(FailureCases.all());
    cases.addAll(TraceCases.all());
    cases.addAll(DoctorCases.all());
    cases.addAll(FlagCases.all());
    cases.addAll(RuleCases.all());
    cases.addAll(FieldCases.all());
    cases.addAll(SeccompCases.all());
    cases.addAll(RootCases.all());
    cases.addAll(LimitCases.all());
    cases.addAll(FaultCases.all());
    cases.addAll(BridgeCases.all());
    cases.addAll(PublishCases.all());
    cases.addAll(LeaseCases.all());
    cases.addAll(AddressCases.all());
    cases.addAll(NetworkModeCases.all());
    cases.addAll(UserNetworkCases.all());
    cases.addAll(NetDeviceCases.all());
    cases.addAll(CniCases.all());
    cases.addAll(CniWishCases.all());
    return cases;
  }

  /** Those that want a machine with systemd and every right: which depends on how it was booted. */
  static List<Case> guestCases() {
    if (SelinuxCases.isOn()) {
      return SelinuxCases.all();
    }
    if (SystemdLegacyCases.isHere()) {
      return SystemdLegacyCases.all();
    }
    List<Case> cases = new ArrayList<>();
    cases.addAll(UnifiedCases.all());
    cases.addAll(UnifiedLifeCases.all());
    cases.addAll(SystemdCases.all());
    cases.addAll(PrivilegeCases.all());
    cases.addAll(RootlessGroupCases.unified());
    return cases;
  }

  /** Whether nothing failed; prints a line a case and the count at the end. */
  public static boolean run(Path runtime, Path jimage, String filter, int jobs) {
    Suite suite = new Suite(runtime);
    suite.runAll(cases(), filter, jobs);
    if (Files.isRegularFile(jimage)) {
      for (ImageCases.ImageCase each : imageCases()) {
        if (each.name().contains(filter)) {
          suite.count(each.name(), () -> ImageCases.run(each, jimage.toAbsolutePath(), runtime));
        }
      }
    }
    return suite.conclude();
  }

  /** As {@link #run}, those of images that take a minute, and packages from a mirror. */
  public static boolean runHard(Path runtime, Path jimage) {
    Suite suite = new Suite(runtime);
    for (ImageCases.ImageCase each : DebianCases.all()) {
      suite.count(each.name(), () -> ImageCases.run(each, jimage, runtime));
    }
    return suite.conclude();
  }

  /** As {@link #run}, those for the guest. */
  public static boolean runGuest(Path runtime, String filter, int jobs) {
    Suite suite = new Suite(runtime);
    suite.runAll(guestCases(), filter, jobs);
    return suite.conclude();
  }

  private void runAll(List<Case> cases, String filter, int jobs) {
    // A case mostly waits for processes, so there may be more of them than processors.
    try (ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
      for (int i = 0; i < cases.size(); i++) {
        Case each = cases.get(i);
        String place = "t" + (i + 1);
        if (each.name().contains(filter) && !each.isAlone()) {
          threads.execute(() -> run(each, place));
        }
      }
      threads.shutdown();
      Expect.that(
          threads.awaitTermination(LONGEST_MINUTES, TimeUnit.MINUTES), "the cases do not end");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int i = 0; i < cases.size(); i++) {
      if (cases.get(i).name().contains(filter) && cases.get(i).isAlone()) {
        run(cases.get(i), "t" + (i + 1));
      }
    }
  }

  private boolean conclude() {
    System.out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
    return failed == 0;
  }

  private void run(Case each, String place) {
    count(
        each.name() + " [" + each.source() + "]",
        () -> {
          try (Sandbox sandbox = Sandbox.open(runtime, place)) {
            each.body().run(sandbox);
            List<String> unused = Requirements.unused(each.name(), sandbox.uses());
            Expect.that(unused.isEmpty(), "it is said to cover, and has not used, " + unused);
          }
        });
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private void count(String name, Attempt attempt) {
    String line = "ok   " + name;
    int ok = 1;
    int skip = 0;
    try {
      attempt.run();
    } catch (Expect.Skipped e) {
      line = "skip " + name + ": " + e.getMessage();
      ok = 0;
      skip = 1;
    } catch (Exception e) {
      line = "FAIL " + name + ": " + e;
      ok = 0;
    }
    synchronized (this) {
      passed += ok;
      skipped += skip;
      failed += 1 - ok - skip;
      System.out.println(line);
    }
  }
}
