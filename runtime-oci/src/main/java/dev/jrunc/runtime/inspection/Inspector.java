package dev.jrunc.runtime.inspection;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.container.Bundle;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.plan.Planner;
import dev.jrunc.runtime.process.HostNamespaces;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import dev.jrunc.spec.Violation;
import java.util.List;

/** Finds all that is wrong with a bundle, with itself and on this host. */
public final class Inspector {
  private final Linux linux;
  private final SeccompKnowledge seccomp;
  private final PlanOptions.Driver driver;

  /**
   * @param driver who would make the cgroups
   */
  public Inspector(Linux linux, SeccompKnowledge seccomp, PlanOptions.Driver driver) {
    this.linux = linux;
    this.seccomp = seccomp;
    this.driver = driver;
  }

  /**
   * Reads the config, and asks the host where every value of it could be read.
   *
   * @param bundle absolute path
   */
  public Inspection inspect(String bundle) {
    String file = bundle + "/config.json";
    byte[] document;
    try {
      document = Bundle.content(linux, bundle);
    } catch (Failure e) {
      Violation unreadable = new Violation("", 0, 0, String.valueOf(e.getMessage()), e.ownHint());
      return new Inspection(file, false, List.of(new Finding(Finding.Kind.VIOLATION, unreadable)));
    }
    SpecReading<Spec> reading = SpecReader.readConfig(document);
    Collector found = new Collector();
    found.placed(Finding.Kind.VIOLATION, reading.violations());
    found.placed(Finding.Kind.NOTE, reading.notes());
    Spec spec = reading.spec();
    boolean complete = spec != null && reading.complete();
    if (spec != null && complete) {
      for (Failure refusal : Planner.refusals(spec, bundle)) {
        found.refusal(refusal);
      }
      for (Failure refusal : HostNamespaces.refusals(linux, spec)) {
        found.refusal(refusal);
      }
      HostFiles files = new HostFiles(linux);
      new ProcessCheck(files, found).check(spec);
      new FileCheck(files, found, bundle).check(spec);
      new KernelCheck(linux, files, found).check(spec);
      new CgroupCheck(linux, driver, found).check(spec);
      new SeccompCheck(linux, files, seccomp, found).check(spec);
    }
    return new Inspection(file, complete, found.inOrder(document));
  }
}
