package dev.jrunc.runtime.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.seccomp.FilterLibrary;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import dev.jrunc.spec.FeaturesWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import jnr.ffi.LibraryLoader;
import org.junit.jupiter.api.Test;

class FeaturesDocumentTest {
  private static final String BASE = "https://specification.invalid/";

  private static JsonNode document() throws IOException {
    FilterLibrary library;
    try {
      library = LibraryLoader.create(FilterLibrary.class).load("libseccomp.so.2");
    } catch (UnsatisfiedLinkError missing) {
      assumeTrue(false, "needs libseccomp.so.2");
      throw missing;
    }
    SeccompKnowledge knowledge = new SeccompKnowledge(Linux.over(new JnrGate()), library);
    byte[] written =
        FeaturesWriter.features(new FeaturesDocument(knowledge, "1").features(), "    ");
    return new ObjectMapper().readTree(written);
  }

  @Test
  void keepsOurSchema() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            FeaturesWriter.class.getResourceAsStream("schema/features.schema.json"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(
          List.of(),
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(text, InputFormat.JSON)
              .validate(document()));
    }
  }

  @Test
  void keepsTheSchemaOfTheSpecification() throws IOException {
    Path folder = Path.of(System.getProperty("jrunc.shared", "../../shared"));
    Path schemas = folder.resolve("data/runtime-spec-schema/schema");
    assumeTrue(Files.isDirectory(schemas), "the specification's schemas are not in " + schemas);
    Map<String, String> texts = new HashMap<>();
    try (Stream<Path> files = Files.list(schemas)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        texts.put(BASE + file.getFileName(), Files.readString(file));
      }
    }
    assertEquals(
        List.of(),
        SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_4, builder -> builder.schemas(texts))
            .getSchema(SchemaLocation.of(BASE + "features-schema.json"))
            .validate(document()));
  }

  @Test
  void whatIsNotBuiltInIsNotOffered() throws IOException {
    JsonNode document = document();
    String text = document.toString();
    assertEquals(Support.SECCOMP_NOTIFY, text.contains("SCMP_ACT_NOTIFY"));
    assertEquals(Support.ID_MAPPED_MOUNTS, text.contains("\"ridmap\""));
    assertEquals(Support.SYSTEMD_DRIVER, document.at("/linux/cgroup/systemd").booleanValue(), text);
    assertEquals(Support.SYSTEMD_DRIVER, text.contains("org.systemd.property."));
    assertTrue(text.contains("SCMP_ARCH_X86_64"));
  }

  @Test
  void everyMountOptionOfTheListHasItsMeaning() throws IOException {
    for (JsonNode option : document().path("mountOptions")) {
      MountOptions parsed = MountOptions.parse(List.of(option.asText()));
      assertFalse(parsed.data().contains(option.asText()), option + " is taken for data");
    }
  }
}
