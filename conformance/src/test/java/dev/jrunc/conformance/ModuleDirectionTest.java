package dev.jrunc.conformance;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may import whom; the picture is in docs/architecture.md. */
class ModuleDirectionTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .importPaths(
              Stream.of("bundle-spec", "kernel", "runtime-oci", "image-fetch", "conformance")
                  .map(module -> Path.of("..", module, "target", "classes"))
                  .toList());

  private static void never(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(ALL);
  }

  @Test
  void allModulesAreLookedAt() {
    for (String name : List.of("spec", "kernel", "runtime", "image", "conformance")) {
      assertTrue(
          ALL.stream().anyMatch(c -> c.getPackageName().startsWith("dev.jrunc." + name)), name);
    }
  }

  @Test
  void theBundleOnDiskIsTheOnlyMeetingPlaceOfRuntimeAndImage() {
    never("dev.jrunc.runtime..", "dev.jrunc.image..");
    never("dev.jrunc.image..", "dev.jrunc.runtime..");
  }

  @Test
  void theLowestImportNothingOfOurs() {
    never(
        "dev.jrunc.spec..",
        "dev.jrunc.kernel..",
        "dev.jrunc.runtime..",
        "dev.jrunc.image..",
        "dev.jrunc.conformance..");
    never(
        "dev.jrunc.kernel..",
        "dev.jrunc.spec..",
        "dev.jrunc.runtime..",
        "dev.jrunc.image..",
        "dev.jrunc.conformance..");
  }

  @Test
  void conformanceKnowsProgramsOnly() {
    never(
        "dev.jrunc.conformance..",
        "dev.jrunc.kernel..",
        "dev.jrunc.runtime..",
        "dev.jrunc.image..");
  }

  @Test
  void onlyTheGateKnowsNativeLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.jrunc.kernel.jnr..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "com.kenai..")
        .check(ALL);
  }

  // CVE-2019-14271, CVE-2014-9357: what an image holds is never run or loaded to unpack it.
  @Test
  void unpackingStartsNoProgram() {
    noClasses()
        .that()
        .resideInAPackage("dev.jrunc.image..")
        .and()
        .resideOutsideOfPackage("dev.jrunc.image.auth..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class, Process.class)
        .orShould()
        .callMethodWhere(
            describe(
                "it is Runtime.exec",
                call ->
                    call.getTargetOwner().isEquivalentTo(Runtime.class)
                        && call.getName().equals("exec")))
        .check(ALL);
  }

  @Test
  void noPackageIsADrawer() {
    for (String name : List.of("util", "utils", "common", "manager", "impl", "helper")) {
      assertTrue(
          ALL.stream()
              .noneMatch(c ->
                  (c.getPackageName() + ".").contains("." + name + ".")
                      && c.getPackageName().startsWith("dev.jrunc")),
          name);
    }
  }
}
