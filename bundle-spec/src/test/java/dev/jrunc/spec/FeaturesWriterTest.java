package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeaturesWriterTest {
  private static final Features FEATURES =
      new Features(
          "1.0.0",
          "1.3.0",
          List.of("prestart", "poststop"),
          List.of("bind", "ro"),
          new LinuxFeatures(
              List.of(NamespaceType.values()),
              List.of("CAP_CHOWN", "CAP_KILL"),
              new LinuxFeatures.CgroupFeatures(true, true, false, false, true),
              new LinuxFeatures.SeccompFeatures(
                  true,
                  List.of(SeccompAction.values()),
                  List.of(SeccompOperator.values()),
                  List.of("SCMP_ARCH_X86_64"),
                  List.of("SECCOMP_FILTER_FLAG_LOG"),
                  List.of()),
              true,
              false,
              new LinuxFeatures.IntelRdtFeatures(true, true, false),
              List.of("MPOL_BIND"),
              List.of("MPOL_F_STATIC_NODES"),
              true,
              true),
          Map.of("dev.jrunc.version", "0.1.0"),
          List.of("bundle", "org.systemd.property."));

  private static JsonNode written() {
    return Document.parse(
        new String(FeaturesWriter.features(FEATURES, "    "), StandardCharsets.UTF_8));
  }

  @Test
  void keepsOurSchema() {
    assertEquals(List.of(), Schemas.ours("features").validate(written()));
  }

  @Test
  void keepsTheSchemaOfTheSpecification() {
    assertEquals(List.of(), Schemas.official("features-schema.json").validate(written()));
  }

  @Test
  void hasEveryKeyOfTheSpecificationInItsOrder() {
    assertEquals(
        List.of(
            "ociVersionMin",
            "ociVersionMax",
            "hooks",
            "mountOptions",
            "linux",
            "annotations",
            "potentiallyUnsafeConfigAnnotations"),
        names(written()));
    assertEquals(
        List.of(
            "namespaces",
            "capabilities",
            "cgroup",
            "seccomp",
            "apparmor",
            "selinux",
            "intelRdt",
            "memoryPolicy",
            "mountExtensions",
            "netDevices"),
        names(written().get("linux")));
    // What is off is said: an absent key would mean that it is not known.
    assertEquals(false, written().at("/linux/selinux/enabled").booleanValue());
    assertEquals(false, written().at("/linux/cgroup/systemd").booleanValue());
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }
}
