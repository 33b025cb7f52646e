package dev.jrunc.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Our schemas, and the specification's where the machine has them. */
final class Schemas {
  private static final String BASE = "https://specification.invalid/";

  private Schemas() {}

  static Schema ours(String name) {
    String text =
        new String(
            Document.resource("/dev/jrunc/spec/schema/" + name + ".schema.json"),
            StandardCharsets.UTF_8);
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(text, InputFormat.JSON);
  }

  static boolean accepts(Schema schema, JsonNode document) {
    return schema.validate(document).isEmpty();
  }

  /** The folder of the specification's schemas; without it the test is skipped, which counts. */
  static Path specification() {
    String given = System.getProperty("jrunc.shared", "../../shared");
    Path schemas = Path.of(given, "data", "runtime-spec-schema", "schema");
    Assumptions.assumeTrue(
        Files.isDirectory(schemas),
        "the specification's schemas are not in " + schemas.toAbsolutePath().normalize());
    return schemas;
  }

  /** The specification's schema in file {@code name}. */
  static Schema official(String name) {
    Map<String, String> texts = new HashMap<>();
    try (Stream<Path> files = Files.list(specification())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        texts.put(BASE + file.getFileName(), Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_4, builder -> builder.schemas(texts))
        .getSchema(SchemaLocation.of(BASE + name));
  }
}
